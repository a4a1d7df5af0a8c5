/** Longest line in bytes; what is longer becomes several lines. */
export const MAX_LINE_BYTES = 16 * 1024

export interface LineSplitter {
  push(chunk: Buffer): void
  /** Ends the last line, which may lack its line feed. */
  end(): void
}

/** Cuts a stream of any bytes into lines of text; bytes that are not UTF-8 become U+FFFD. */
export function splitLines(onLine: (text: string) => void): LineSplitter {
  let rest: Buffer = Buffer.alloc(0)
  const emit = (line: Buffer) => onLine(line.toString('utf8').replace(/\r$/, ''))
  const cutLong = () => {
    while (rest.length > MAX_LINE_BYTES) {
      const length = wholeCharacters(rest)
      emit(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
  }
  return {
    push(chunk) {
      let start = 0
      for (let feed = chunk.indexOf(10); feed !== -1; feed = chunk.indexOf(10, start)) {
        rest = join(rest, chunk.subarray(start, feed))
        cutLong()
        emit(rest)
        rest = Buffer.alloc(0)
        start = feed + 1
      }
      // Copied, since a rest of few bytes would hold on to the whole chunk.
      rest = Buffer.from(join(rest, chunk.subarray(start)))
      cutLong()
    },
    end() {
      if (rest.length > 0) emit(rest)
      rest = Buffer.alloc(0)
    },
  }
}

function join(a: Buffer, b: Buffer): Buffer {
  return a.length === 0 ? b : Buffer.concat([a, b])
}

/** The longest length within the limit that cuts no UTF-8 character in two. */
function wholeCharacters(bytes: Buffer): number {
  let length = MAX_LINE_BYTES
  while (length > MAX_LINE_BYTES - 4 && ((bytes[length] ?? 0) & 0xc0) === 0x80) length -= 1
  return length
}
