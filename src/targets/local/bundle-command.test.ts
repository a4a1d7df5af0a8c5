import { describe, expect, it } from 'vitest'
import { bundleCommand } from './bundle-command.ts'

const started = (start: unknown) => bundleCommand(undefined, JSON.stringify({ scripts: { start } }))

describe('bundleCommand', () => {
  it('takes the command of the blueprint first', () => {
    expect(bundleCommand(['node', 'a.js'], '{"scripts":{"start":"node b.js"}}')).toEqual({
      kind: 'command',
      command: ['node', 'a.js'],
    })
  })

  it('takes the start script apart where that needs no shell', () => {
    expect(started(' node  --enable-source-maps dist/server.js ')).toEqual({
      kind: 'command',
      command: ['node', '--enable-source-maps', 'dist/server.js'],
    })
  })

  it.each(['node a.js && node b.js', 'PORT=1 node a.js', 'node "a b.js"', 'node $FILE', 'node *.js', ''])(
    'refuses the start script %j',
    script => expect(started(script)).toMatchObject({ kind: 'none' }),
  )

  it('refuses bundles without a start script, a package.json or a readable one', () => {
    for (const text of [undefined, '{}', 'no json', '{"scripts":{"start":1}}']) {
      expect(bundleCommand(undefined, text)).toMatchObject({ kind: 'none' })
    }
  })
})
