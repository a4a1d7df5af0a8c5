import type { Readable } from 'node:stream'

const LONGEST_LINE = 4 * 1024 ** 2

/** The lines of a UTF-8 stream without their ends; a last line without an end counts. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true })
    if (rest.length > LONGEST_LINE) throw new Error('the server sent a line of more than 4 MB')
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
  if (rest !== '') yield rest
}
