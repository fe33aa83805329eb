import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'

/**
 * Kinds of frames between this program and a session's runner, as codes of characters. shell-image/runner/session_frames.go
 * describes the frames.
 */
export const frameKinds = {
  hello: 0x68,
  output: 0x6f,
  input: 0x69,
  echo: 0x65,
  size: 0x73,
  acknowledge: 0x61,
  alive: 0x6b,
  fault: 0x66,
  end: 0x78,
  hangUp: 0x71,
  seen: 0x7a,
} as const

/** Version of the frames that this program knows: the first byte of a session's challenge. */
export const protocolVersion = 1

/** Bytes of each end's nonce, and of a frame's MAC. */
export const nonceBytes = 16
const macBytes = 16

/** Maximum of bytes in a frame's content. */
const maxContentBytes = 64 * 1_024

/** Bytes of a frame before its content: the length of what follows, and the kind. */
const headBytes = 5

/** Frame as it arrives; `rest` is its content and MAC. */
export type ReceivedFrame = { kind: number; rest: Buffer }

/** Signs the frames of one direction of a connection, or checks them; each call counts as the direction's next frame. */
export type FrameDirection = {
  /** Returns the bytes of the direction's next frame. */
  sign: (kind: number, content?: Uint8Array) => Buffer
  /** Returns the content of a received frame; undefined if it isn't the direction's next frame. */
  check: (frame: ReceivedFrame) => Buffer | undefined
}

/** Derives both directions of one connection; `output` is from the session. `nonces`: the session's, then this end's. */
export function deriveDirections(
  key: Uint8Array,
  session: string,
  nonces: Uint8Array,
): { output: FrameDirection; input: FrameDirection } {
  const derive = (label: string) =>
    createDirection(createHmac('sha256', key).update(`retina-session ${label}\n${session}\n`).update(nonces).digest())
  return { output: derive('output'), input: derive('input') }
}

function createDirection(bytes: Buffer): FrameDirection {
  // Node.js takes four times as long where it has to look each time at what it was given as a key.
  const key = createSecretKey(bytes)
  let next = 0n
  const macOf = (kind: number, content: Uint8Array) => {
    const number = Buffer.alloc(8)
    number.writeBigUInt64BE(next)
    next += 1n
    const mac = createHmac('sha256', key).update(number).update(Buffer.of(kind)).update(content)
    return mac.digest().subarray(0, macBytes)
  }
  return {
    sign: (kind, content = Buffer.alloc(0)) => joinFrame(kind, content, macOf(kind, content)),
    check({ kind, rest }) {
      if (rest.length < macBytes) return undefined
      const content = rest.subarray(0, rest.length - macBytes)
      return timingSafeEqual(rest.subarray(content.length), macOf(kind, content)) ? content : undefined
    },
  }
}

function joinFrame(kind: number, content: Uint8Array, mac: Uint8Array): Buffer {
  const head = Buffer.alloc(headBytes)
  head.writeUInt32BE(1 + content.length + mac.length)
  head[headBytes - 1] = kind
  return Buffer.concat([head, content, mac])
}

/** Splits bytes into frames, wherever they were cut. */
export type FrameSplitter = {
  /** Returns the frames that are complete; undefined if a length is impossible, after which nothing can be read. */
  push: (bytes: Buffer) => ReceivedFrame[] | undefined
}

export function createFrameSplitter(): FrameSplitter {
  let parts: Buffer[] = []
  let held = 0
  return {
    push(bytes) {
      parts.push(bytes)
      held += bytes.length
      // Parts are joined only where a frame can be complete: a large frame may arrive in many small parts.
      if (held < neededBytes(parts)) return []
      let all = Buffer.concat(parts)
      const frames: ReceivedFrame[] = []
      while (all.length >= headBytes) {
        const length = all.readUInt32BE()
        if (!isLength(length)) return undefined
        if (all.length < 4 + length) break
        frames.push({ kind: all.readUInt8(headBytes - 1), rest: all.subarray(headBytes, 4 + length) })
        all = all.subarray(4 + length)
      }
      parts = [all]
      held = all.length
      return frames
    },
  }
}

function isLength(length: number): boolean {
  return length >= 1 && length <= 1 + maxContentBytes + macBytes
}

/** Returns how many bytes the first frame has, as far as its length is known. */
function neededBytes(parts: readonly Buffer[]): number {
  const [first] = parts
  if (first === undefined || first.length < 4 || !isLength(first.readUInt32BE())) return headBytes
  return 4 + first.readUInt32BE()
}

/** Returns a number as the eight bytes that frames have, followed by further bytes. */
export function numbered(number: number, bytes: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(8)
  head.writeBigUInt64BE(BigInt(number))
  return Buffer.concat([head, bytes])
}

/** Reads the number at a content's beginning; undefined if there is none, or one that isn't a safe integer. */
export function readNumber(content: Buffer): number | undefined {
  if (content.length < 8) return undefined
  const number = Number(content.readBigUInt64BE())
  return Number.isSafeInteger(number) ? number : undefined
}
