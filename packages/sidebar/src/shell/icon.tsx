const paths = {
  copy: "M5.5 5.5V3h7.5v7.5h-2.5M3 5.5h7.5V13H3z",
  more: "M3.1 8a.4.4 0 10.8 0 .4.4 0 10-.8 0M7.6 8a.4.4 0 10.8 0 .4.4 0 10-.8 0M12.1 8a.4.4 0 10.8 0 .4.4 0 10-.8 0",
  close: "M4 4l8 8M12 4l-8 8",
  chevron: "M6 4l4 4-4 4",
  down: "M4 6.5l4 4 4-4",
  arrowDown: "M8 3v10M4 9l4 4 4-4",
  arrowUp: "M8 13V3M4 7l4-4 4 4",
  check: "M3.5 8.5l3 3 6-7",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  search: "M7 11.5a4.5 4.5 0 100-9 4.5 4.5 0 000 9zM10.5 10.5L13.5 13.5",
  edit: "M3 13l.5-3L10.5 3l2.5 2.5L6 12.5z",
  plus: "M8 3.5v9M3.5 8h9",
  stop: "M4 4h8v8H4z",
  file: "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
} as const;

export type IconName = keyof typeof paths;

/** A line drawing in the colour of the text. Always beside words or inside a labelled button, so hidden from readers. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="oq-svg" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
