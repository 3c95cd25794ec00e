import type { Page } from "playwright-core";

/**
 * Text that its box cuts off at the right without a sign of it: neither an ellipsis nor a way to scroll there.
 * The window alone does not tell: cards and panels clip what is too wide for them.
 */
export function cutOff(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const clips = (element: Element): boolean => getComputedStyle(element).overflowX !== "visible";
    const shows = (element: Element): boolean => {
      const { overflowX, textOverflow, webkitLineClamp } = getComputedStyle(element);
      return overflowX === "auto" || overflowX === "scroll" || textOverflow === "ellipsis" || webkitLineClamp !== "none";
    };
    const hasText = (element: Element): boolean =>
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== "");
    const isCut = (element: Element): boolean => {
      let box: Element | null = element;
      while (box !== null && !clips(box)) box = box.parentElement;
      if (box === null || shows(box) || box.classList.contains("oq-said")) return false;
      return element.getBoundingClientRect().right > box.getBoundingClientRect().right + 1;
    };
    return [...document.querySelectorAll(".oq *")]
      .filter((element) => element.checkVisibility() && hasText(element) && isCut(element))
      .map((element) => `${element.className}: ${element.textContent?.slice(0, 60) ?? ""}`);
  });
}

/** Things to press that a finger would miss. Links and summaries inside a sentence are as high as its lines. */
export function tooSmall(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const pressed = "button, summary, select, textarea, label:has(input), [role=option], [role=tab]";
    return [...document.querySelectorAll(pressed)]
      .filter((element) => element.checkVisibility())
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 23.9 || box.height < 23.9)
      .map(({ element, box }) => `${element.className} ${element.textContent ?? ""}: ${box.width} × ${box.height}`);
  });
}
