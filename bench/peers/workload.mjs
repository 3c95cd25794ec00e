// The same message, tools and answer as bench/src/overhead/workload.ts.
export const question = "Compare these five cities.";
export const cities = ["Oslo", "Lima", "Quito", "Hanoi", "Accra"];
export const answerTokens = Array.from({ length: 200 }, (_, index) => ` w${String(index).padStart(3, "0")}`);
export const answer = answerTokens.join("");
export const calls = cities.map((city, index) => ({ id: `call_${index + 1}`, name: "city_facts", args: { city } }));
export const lookUp = async ({ city }) => ({ city, population: city.length * 100_000 });
/** The tools of the makespan workloads: any arguments. */
export const timedTools = ["search", "compare", "list_files", "file_read", "run_checks", "file_write"];
