/** Teaches plans as native calls. */
export const tools = `Either answer, or call tools. Calls are numbered t1, t2 and so on through all your answers, in the order you make them.

- Any argument may be {"$ref":"t2#/matches/0/path"} instead of a value: the result of an earlier call at a JSON pointer, also of a call you make in this same answer. * in the pointer makes one call per element. Inside strings {{$2.path}} inserts a result; $ alone is just a character.
- So make all calls you can foresee at once.
- Calls run at the same time as soon as what they refer to is there, while you still write; put the one that starts the longest chain first. You get all results and then either answer or call on; numbers go on, also over calls that failed.
`;
