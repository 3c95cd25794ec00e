/** Answers in the shapes the services document, shortened; the pages are made up. */
export const searxngAnswer = {
  query: "lantern oil",
  number_of_results: 0,
  results: [
    {
      url: "https://lamps.example/oil",
      title: "Oil for lanterns",
      content: "Which oil burns\n  without smoke.",
      engine: "duckduckgo",
      engines: ["duckduckgo", "mojeek"],
      parsed_url: ["https", "lamps.example", "/oil", "", "", ""],
      positions: [1, 2],
      score: 4.5,
      category: "general",
      publishedDate: null,
    },
    { url: "https://lamps.example/oil", title: "The same again", content: "", engine: "mojeek" },
    { url: "javascript:alert(1)", title: "No page", content: "x", engine: "mojeek" },
    { url: "https://vector.example/", title: null, content: "std::vector<int> & more", engine: "mojeek" },
  ],
  answers: [],
  corrections: [],
  infoboxes: [],
  suggestions: ["lantern oil lamp"],
  unresponsive_engines: [["google", "Suspended: access denied"]],
};

export const braveAnswer = {
  type: "search",
  query: {
    original: "lantern oil",
    show_strict_warning: false,
    is_navigational: false,
    country: "de",
    more_results_available: true,
  },
  mixed: { type: "mixed", main: [{ type: "web", index: 0, all: false }], top: [], side: [] },
  web: {
    type: "search",
    family_friendly: true,
    results: [
      {
        type: "search_result",
        subtype: "generic",
        title: "Oil for lanterns &amp; lamps",
        url: "https://lamps.example/oil",
        description: "Which <strong>oil</strong> burns &quot;without&quot; smoke: the lamp&#x27;s own.",
        is_source_local: false,
        is_source_both: false,
        language: "en",
        family_friendly: true,
        profile: { name: "Lamps", url: "https://lamps.example/oil", long_name: "lamps.example", img: "https://imgs.example/1" },
        meta_url: {
          scheme: "https",
          netloc: "lamps.example",
          hostname: "lamps.example",
          favicon: "https://imgs.example/2",
          path: "› oil",
        },
        age: "May 2, 2026",
      },
      { type: "search_result", title: "No description", url: "https://bare.example/" },
    ],
  },
};

export const tavilyAnswer = {
  query: "lantern oil",
  follow_up_questions: null,
  answer: null,
  images: [],
  results: [
    {
      title: "Oil for lanterns",
      url: "https://lamps.example/oil",
      content: "Which oil burns without smoke.",
      score: 0.93,
      raw_content: null,
    },
    { title: "Wicks", url: "https://wicks.example/", content: "x".repeat(900), score: 0.2, raw_content: null },
  ],
  response_time: 1.09,
  request_id: "123e4567-e89b-12d3-a456-426614174111",
};
