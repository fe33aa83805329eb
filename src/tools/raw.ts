import { type Needs, noNeeds } from '#core/request/tool'

/** Packets of one's own making need a raw socket. */
export const rawNeeds: Needs = { ...noNeeds, capabilities: ['NET_RAW'], user: 'root' }

export const noRaw = {
  pattern:
    'Operation not permitted|setsockopt.*not permitted|Failure to open .*socket|requires root|not have enough privileges',
  hint: 'This form of it sends packets of its own making: give `-c NET_RAW`, or leave all such flags out.',
}
