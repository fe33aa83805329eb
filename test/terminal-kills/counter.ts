/**
 * Shell that prints 200 numbered lines a second, and each typed line with its number, as it was given: of a line that was begun before a page
 * was loaded again, its rest may begin with a space. Ends with 5 after the line `last`.
 */
export const endlessCounter: readonly string[] = [
  'bash',
  '-c',
  `stty -echo
(i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 0.005; done) & t=$!
n=0; while IFS= read -r line; do n=$((n+1)); echo "typed $n $line"; [ "$line" = last ] && break; done
kill $t; wait; exit 5`,
]
