import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type HclValue, hclText } from '../../src/render/terraform/hcl-text.ts'
import { needs } from '../harness/needs.ts'

const key = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_-]{0,12}$/),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  fc.constantFrom('null', 'true', 'for', 'in', 'if', '__proto__', '-', '1', 'a b', '${a}', '%{if}'),
)
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .array(fc.constantFrom('$', '%', '{', '}', '"', '\\', '\n', '~', '<<EOT', '#', '//'), { maxLength: 8 })
    .map(parts => parts.join('')),
)
const { value } = fc.letrec<{ value: HclValue }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

describe.runIf(needs('terraform', 'scripts/install-components.sh terraform'))(
  'what is written for Terraform',
  () => {
    let folder: string
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'sluice-hcl-'))
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    it('is formatted as terraform fmt leaves it, and read as it was meant', { timeout: 60_000 }, () => {
      const values = fc.sample(value, 400)
      const written = values.map((one, index) => ({ name: `v${index}`, value: one }))
      writeFileSync(join(folder, 'terraform.tfvars'), hclText(written))
      writeFileSync(join(folder, 'main.tf'), written.map(({ name }) => `variable "${name}" {}\n`).join(''))
      const terraform = (args: string[], input?: string) =>
        execFileSync('terraform', args, {
          cwd: folder,
          encoding: 'utf8',
          ...(input === undefined ? {} : { input }),
        })

      expect(terraform(['fmt', '-diff', '-check', 'terraform.tfvars'])).toBe('')
      const all = `{${written.map(({ name }) => `${name} = var.${name}`).join(', ')}}`
      const read = terraform(['console'], `base64encode(jsonencode(${all}))\n`)
      const back: unknown = JSON.parse(Buffer.from(read.trim().slice(1, -1), 'base64').toString())
      expect(back).toEqual(Object.fromEntries(written.map(({ name, value: one }) => [name, asRead(one)])))
    })
  },
)

/** Terraform holds text in Unicode's form NFC, as its documentation of strings says, and has one zero. */
function asRead(given: HclValue): unknown {
  if (typeof given === 'string') return given.toWellFormed().normalize('NFC')
  if (given === 0) return 0
  if (given === null || typeof given !== 'object') return given
  if (Array.isArray(given)) return given.map(asRead)
  return Object.fromEntries(Object.entries(given).map(([name, one]) => [asRead(name), asRead(one ?? null)]))
}
