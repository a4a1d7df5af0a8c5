import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createOutput, type Streams } from '../output.ts'
import { LiveRegion } from './live-region.ts'
import { withProgress } from './progress.ts'

class Screen extends Writable {
  text = ''
  readonly isTTY: boolean
  readonly columns = 40

  constructor(isTTY: boolean) {
    super()
    this.isTTY = isTTY
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

function outputOn(o: { terminal: boolean; json?: boolean; environment?: NodeJS.ProcessEnv }) {
  const stdout = new Screen(o.terminal)
  const stderr = new Screen(o.terminal)
  const streams: Streams = { stdin: { isTTY: o.terminal }, stdout, stderr }
  const output = createOutput({
    json: o.json ?? false,
    color: true,
    streams,
    environment: o.environment ?? {},
  })
  return { stdout, stderr, output }
}

describe('a picture that is redrawn', () => {
  it('is erased before a line is written and drawn again below it', () => {
    const { stdout, stderr, output } = outputOn({ terminal: true })
    output.picture(['one', 'two'])
    output.line('said')
    expect(stdout.text).toBe('said\n')
    expect(stderr.text).toBe('one\ntwo\n\u001b[2A\r\u001b[Jone\ntwo\n')
  })

  it('is not drawn where nobody looks at a terminal', () => {
    const { stderr, output } = outputOn({ terminal: false })
    output.picture(['one'])
    expect(stderr.text).toBe('')
  })

  it('never wraps nor scrolls, since its lines are counted', () => {
    const screen = new Screen(true)
    new LiveRegion(screen).show(['x'.repeat(100), 'two', 'three'], { columns: 40, rows: 3 })
    expect(screen.text).toBe(`${'x'.repeat(38)}…\ntwo\n`)
  })
})

describe('color', () => {
  it.each([
    { terminal: true, environment: {}, colored: true },
    { terminal: false, environment: {}, colored: false },
    { terminal: true, environment: { NO_COLOR: '1' }, colored: false },
    { terminal: true, environment: { NO_COLOR: '' }, colored: true },
    { terminal: false, environment: { FORCE_COLOR: '1' }, colored: true },
    { terminal: true, environment: { TERM: 'dumb' }, colored: false },
  ])('is $colored with $environment on a terminal: $terminal', ({ terminal, environment, colored }) => {
    expect(outputOn({ terminal, environment }).output.colored).toBe(colored)
  })
})

describe('progress', () => {
  it('ends with one plain line elsewhere, and with nothing in JSON', async () => {
    const plain = outputOn({ terminal: false })
    await withProgress(plain.output, 'Bundle web', () => Promise.resolve())
    expect(plain.stderr.text).toMatch(/^✓ Bundle web \d+ ms\n$/)
    const json = outputOn({ terminal: false, json: true })
    await withProgress(json.output, 'Bundle web', () => Promise.resolve())
    expect(json.stderr.text).toBe('')
  })
})

describe('JSON', () => {
  it('holds no character that a terminal would obey', () => {
    const { stdout, output } = outputOn({ terminal: true, json: true })
    output.record({ text: '\u001b[2J\u009b2J\u202e' })
    expect(stdout.text).toBe('{"text":"\\u001b[2J\\u009b2J\\u202e"}\n')
  })
})
