import { describe, expect, it } from 'vitest'
import { plainCommand } from './plain-command.ts'

describe('plainCommand', () => {
  it('takes a line apart that needs no shell', () => {
    expect(plainCommand(' node  --enable-source-maps dist/main.js ')).toEqual([
      'node',
      '--enable-source-maps',
      'dist/main.js',
    ])
  })

  it.each(['', ' ', 'a && b', 'PORT=1 a', 'a "b c"', 'a $B', 'a *.js', 'a > b', 'a\nb'])(
    'leaves %j to a shell',
    line => expect(plainCommand(line)).toBeUndefined(),
  )
})
