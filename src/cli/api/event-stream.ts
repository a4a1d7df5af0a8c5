/** One event of a stream of server-sent events (HTML standard, "Server-sent events"). */
export interface ServerEvent {
  readonly id: string
  readonly data: string
}

/** Reads events from lines; comments and fields without use here are passed over. */
export async function* eventsOf(lines: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let id = ''
  let data: string[] = []
  for await (const line of lines) {
    if (line === '') {
      if (data.length > 0) yield { id, data: data.join('\n') }
      data = []
      continue
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'id') id = value
    if (field === 'data') data.push(value)
  }
}
