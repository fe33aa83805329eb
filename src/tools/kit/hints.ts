import type { Hint } from '#core/request/tool'

// Hints that several tools share. Source: the troubleshooting guide of `kubectl retina shell`.

/** End of a hint about missing capabilities. */
export const workedOut = 'or leave out -c, -m, -w and --host-pid, and the bot adds what it needs'

export const notInImage: Hint = {
  pattern: ': not found in this image$|executable file not found',
  hint: "The shell image has no such program. On a node, `chroot /host TOOL …` runs the node's own.",
}

export const mustBeRoot: Hint = {
  pattern: 'Operation not permitted \\(you must be root\\)|Permission denied \\(you must be root\\)',
  hint: `It needs capabilities: add \`-c NET_ADMIN,NET_RAW\`, ${workedOut}.`,
}

export const noNetlink: Hint = {
  pattern: 'cache initialization failed: Operation not permitted|Could not fetch rule set generation id',
  hint: mustBeRoot.hint,
}

export const noBus: Hint = {
  pattern: 'Failed to connect to (system )?(scope )?bus|System has not been booted with systemd',
  hint: "It talks to the node's systemd: that needs `--host-pid` and `chroot /host` before it (with `-m -c SYS_CHROOT`), "
    .concat(workedOut)
    .concat('.'),
}

export const noChroot: Hint = {
  pattern: "(?:cannot|can't) change root directory",
  hint: `chroot needs \`-m -c SYS_CHROOT\`, ${workedOut}.`,
}

export const brokenLink: Hint = {
  pattern: 'No such file or directory',
  unless: 'failed to run command',
  hint: "If it is a symbolic link on the node, it points outside /host: use the node's own root, as in `chroot /host cat /etc/resolv.conf`. Without `-m` there is no /host at all.",
}

export const readOnlyFiles: Hint = {
  pattern: 'Read-only file system',
  hint: "The node's file system is mounted read-only; writing needs `-w` and a set that grants it.",
}
