/** Small shell of the terminal's contract (test/contract/terminal.ts), as argv; its commands are those of the stand-in. */
export const sessionShell: readonly string[] = [
  'bash',
  '-c',
  `trap : INT
while :; do
  printf '$ '
  IFS= read -r line || exit 0
  set -- $line
  case $1 in
    exit) exit "$2" ;;
    count) seq "$2" ;;
    size) stty size ;;
    sleep) bash -c 'echo sleeping; exec sleep 1000' ;;
    noecho) stty -echo; printf 'Password: '; read -r password; stty echo; printf '\\n' ;;
    *) ;;
  esac
done`,
]
