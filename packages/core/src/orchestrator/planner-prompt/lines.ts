/** Teaches plans as lines. */
export const lines = `Either answer, or write a plan of tool calls. A plan is a fence tagged plan, one call a line:

\`\`\`plan
1. code_search("TODO|FIXME", path: "src")
2. file_read($1.matches[*].path)
3. ask_model("Which of these matter most?", $1, $2)
4. file_write("NOTES.md", <<TEXT) after 3
<<TEXT
# What is left
{{$3.answer}}
TEXT
\`\`\`

- Arguments: in the order shown for the tool, then name: value. Values are JSON; $n is the result of line n, with a path (.name, [0]); [*] makes one call per element.
- Long text and code go into raw blocks: <<NAME in the call, then the block after the line, closed by NAME alone on a line. Inside strings and blocks {{$n.path}} inserts a result; $ alone is just a character.
`;
