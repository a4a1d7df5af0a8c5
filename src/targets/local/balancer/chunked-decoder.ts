const LINE_LIMIT_BYTES = 4096
const TRAILER_LIMIT_BYTES = 16_384
const LF = 0x0a
const CR = 0x0d

export type Decoded = { kind: 'more' } | { kind: 'done'; rest: Buffer } | { kind: 'malformed' }

const MORE: Decoded = { kind: 'more' }
const MALFORMED: Decoded = { kind: 'malformed' }

/** Takes the chunked framing (RFC 9112 §7.1) off a body. Trailers are read and dropped. */
export class ChunkedDecoder {
  #state: 'size' | 'data' | 'data end' | 'trailer' = 'size'
  #left = 0
  #line = ''
  #trailerBytes = 0

  /** Hands every piece of content to `sink`; pieces are views into `bytes`. */
  decode(bytes: Buffer, sink: (piece: Buffer) => void): Decoded {
    let at = 0
    while (at < bytes.length) {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#left)
        sink(bytes.subarray(at, end))
        this.#left -= end - at
        at = end
        if (this.#left === 0) this.#state = 'data end'
        continue
      }
      const lineFeed = bytes.indexOf(LF, at)
      this.#line += bytes.toString('latin1', at, lineFeed === -1 ? bytes.length : lineFeed)
      if (this.#line.length > LINE_LIMIT_BYTES) return MALFORMED
      if (lineFeed === -1) return MORE
      at = lineFeed + 1
      const ended = this.#endLine()
      if (ended === 'malformed') return MALFORMED
      if (ended === 'done') return { kind: 'done', rest: bytes.subarray(at) }
    }
    return MORE
  }

  #endLine(): 'more' | 'done' | 'malformed' {
    const line = this.#line
    this.#line = ''
    // A bare LF ends a line for some and not for others: the classic way to smuggle a response.
    if (line.charCodeAt(line.length - 1) !== CR) return 'malformed'
    const text = line.slice(0, -1)
    if (this.#state === 'data end') {
      this.#state = 'size'
      return text === '' ? 'more' : 'malformed'
    }
    if (this.#state === 'trailer') {
      this.#trailerBytes += line.length
      if (this.#trailerBytes > TRAILER_LIMIT_BYTES) return 'malformed'
      return text === '' ? 'done' : 'more'
    }
    const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;|$)/.exec(text)?.[1]
    if (size === undefined) return 'malformed'
    this.#left = Number.parseInt(size, 16)
    this.#state = this.#left === 0 ? 'trailer' : 'data'
    return 'more'
  }
}
