import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import {
  copyOf,
  initIn,
  LEFTOVER,
  needsTerraform,
  removeCopies,
  standIn,
  terraformIn,
  validateIn,
} from '../harness/terraform.ts'

const MODULES = fileURLToPath(new URL('../../terraform/modules', import.meta.url))
const modules = readdirSync(MODULES, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)
  .toSorted()

/** Two cores, a provider that takes seconds to start, and other test files beside it. */
const MINUTES = 5 * 60_000

const prepared = new Map<string, Promise<string>>()

/** A copy of the module that can be validated and tested; made once. */
function preparedCopy(module: string): Promise<string> {
  const copy = prepared.get(module) ?? prepare(module)
  prepared.set(module, copy)
  return copy
}

async function prepare(module: string): Promise<string> {
  const copy = await copyOf(join(MODULES, module))
  await standIn(copy)
  await initIn(copy)
  return copy
}

function filesOf(module: string, suffix: string): string[] {
  const names = readdirSync(join(MODULES, module), { encoding: 'utf8', recursive: true })
  return names.filter(name => name.endsWith(suffix) && !name.includes('.terraform/'))
}

const read = (module: string, file: string): string => readFileSync(join(MODULES, module, file), 'utf8')

/** Names of the blocks of a kind, such as `variable "name" {`. */
function blocks(module: string, kind: 'variable' | 'output'): string[] {
  const text = filesOf(module, '.tf').map(file => read(module, file))
  return [...text.join('\n').matchAll(new RegExp(`^${kind} "([^"]+)"`, 'gm'))].map(match => match[1] ?? '')
}

afterAll(removeCopies)

describe.each(modules)('the Terraform module %s', module => {
  it('says on the first line of every file what it holds', () => {
    const silent = filesOf(module, '.tf').filter(file => !/^# \S/.test(read(module, file)))
    expect(silent).toEqual([])
  })

  it('names every input and output in its README', () => {
    const text = read(module, 'README.md')
    const names = [...blocks(module, 'variable'), ...blocks(module, 'output')]
    expect(names.filter(name => !text.includes(`\`${name}\``))).toEqual([])
  })

  it('has a test of an input that is refused', () => {
    expect(filesOf(module, '.tftest.hcl').some(file => read(module, file).includes('expect_failures'))).toBe(
      true,
    )
  })
})

describe.runIf(needsTerraform())('Terraform takes', { concurrent: true }, () => {
  describe.each(modules)('the module %s:', module => {
    it('it is formatted', { timeout: MINUTES }, async () => {
      const { code, output } = await terraformIn(MODULES, ['fmt', '-check', '-diff', '-recursive', module])
      expect({ code, output }).toEqual({ code: 0, output: '' })
    })

    it('it is valid and warns of nothing', { timeout: MINUTES }, async () => {
      expect(await validateIn(await preparedCopy(module))).toEqual([])
    })

    it('it passes its own tests', { timeout: MINUTES }, async () => {
      const { code, output } = await terraformIn(await preparedCopy(module), ['test', '-no-color'])
      expect(code, output).toBe(0)
      expect(output).toMatch(/Success! [1-9]\d* passed, 0 failed\./)
    })
  })
})

describe('the tree', () => {
  it('holds nothing that a run of Terraform leaves behind', () => {
    const names = readdirSync(join(MODULES, '..'), { encoding: 'utf8', recursive: true })
    expect(names.filter(name => LEFTOVER.test(`/${name}`))).toEqual([])
  })
})
