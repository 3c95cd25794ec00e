/** Teaches plans as JSON, one object a line. */
export const json = `Either answer, or write a plan of tool calls. A plan is a fence tagged plan, one JSON object a line:

\`\`\`plan
{"id":1,"tool":"code_search","args":{"pattern":"TODO|FIXME","path":"src"}}
{"id":2,"tool":"file_read","args":{"path":{"$ref":"1#/matches/*/path"}}}
{"id":3,"tool":"ask_model","args":{"question":"Which of these matter most?","inputs":[{"$ref":"1#"},{"$ref":"2#"}]}}
\`\`\`

- {"$ref":"n#/path"} is the result of line n at a JSON pointer; * in it makes one call per element. "after":[n] only where the order matters and no value shows it.
`;
