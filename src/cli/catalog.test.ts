import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { CATALOG } from './catalog.ts'
import type { CommandDefinition, LeafCommand } from './command.ts'
import { addCommand } from './commander-command.ts'
import { optionKey } from './input.ts'

const definitions = await Promise.all(CATALOG.map(async entry => ({ entry, definition: await entry.load() })))
const rows = definitions.flatMap(({ definition }) => leaves(definition, definition.name))

function leaves(definition: CommandDefinition, path: string): readonly { path: string; leaf: LeafCommand }[] {
  if (!('commands' in definition)) return [{ path, leaf: definition }]
  return definition.commands.map(leaf => ({ path: `${path} ${leaf.name}`, leaf }))
}

function helpOf(path: string): string {
  const program = new Command('sluice')
  for (const { definition } of definitions) addCommand(program, definition, { run: () => Promise.resolve() })
  const command = path.split(' ').reduce<Command>((found, name) => {
    const inner = found.commands.find(each => each.name() === name)
    if (inner === undefined) throw new Error(`there is no ${path}`)
    return inner
  }, program)
  let text = ''
  command.configureOutput({ writeOut: part => (text += part) }).outputHelp()
  return text
}

describe('every command', () => {
  it.each(rows)('$path shows examples and --json in its help', ({ path, leaf }) => {
    const help = helpOf(path)
    expect(leaf.examples.length).toBeGreaterThan(0)
    expect(help).toContain('Examples:\n')
    expect(help).toContain(leaf.examples[0]?.split(' # ')[0])
    expect(help).toContain('--json')
    expect(help).toContain('--file <path>')
  })

  it.each(rows)('$path uses only itself and its own options in its examples', ({ path, leaf }) => {
    const own = (leaf.options ?? []).map(({ flags }) => optionKey(flags))
    for (const example of leaf.examples) {
      const [line = ''] = example.split(' # ')
      const mine = line.split(/ [|&<>]/).find(part => part.includes('sluice ')) ?? ''
      expect(mine).toContain(`sluice ${path}`)
      const used = [...mine.matchAll(/ (--[a-z-]+)/g)].map(([, flag = '']) => optionKey(flag))
      expect([...own, 'json', 'file', 'server']).toEqual(expect.arrayContaining(used))
    }
  })

  it('says the same about itself in the list and in its own help', () => {
    for (const { entry, definition } of definitions) {
      expect(definition.name).toBe(entry.name)
      expect(definition.summary).toBe(entry.summary)
    }
  })
})
