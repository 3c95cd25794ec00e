/** How many words follow each word of an expression that only looks and prints. Not here: everything that runs, removes or writes. */
const words: ReadonlyMap<string, number> = new Map([
  ...each(0, "-H -L -P ! ( ) , -not -a -and -o -or -depth -d -follow -mount -xdev -daystart -noleaf -true -false -empty -print"),
  ...each(0, "-print0 -prune -quit -ls -readable -writable -executable -nouser -nogroup -warn -nowarn"),
  ...each(1, "-name -iname -path -ipath -wholename -iwholename -regex -iregex -lname -ilname -regextype -type -xtype -fstype"),
  ...each(
    1,
    "-size -links -inum -samefile -perm -user -group -uid -gid -maxdepth -mindepth -newer -anewer -cnewer -mtime -atime",
  ),
  ...each(1, "-ctime -mmin -amin -cmin -used -printf -newermt -newerat -newerct"),
]);

/** Why a find might do more than look; null when it does not. */
export function findTrouble(args: readonly string[]): string | null {
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? "";
    if (!/^[-!(),]/u.test(word)) continue;
    const following = words.get(word);
    if (following === undefined) return `what ${word} does is not known to be harmless`;
    index += following;
    const value = following === 0 ? "" : (args[index] ?? "-");
    if (value.startsWith("-") && !/^-\d+\w?$/u.test(value)) return `${word} needs a value`;
  }
  return null;
}

function each(following: number, list: string): (readonly [string, number])[] {
  return list.split(" ").map((word) => [word, following]);
}
