import { readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makePlan } from '../../src/cli/plan/make-plan.ts'
import { summarizePlan } from '../../src/cli/plan/plan-summary.ts'
import { findTerraform } from '../../src/cli/plan/terraform-program.ts'
import { UserError } from '../../src/model/user-error.ts'
import { runCommand } from '../harness/command.ts'
import { temporaryFolder } from '../harness/file-tree.ts'
import { needsTerraform } from '../harness/terraform.ts'

// `terraform_data` belongs to Terraform itself: no provider is downloaded.
const BEFORE = `
variable "secret" {
  type      = string
  sensitive = true
  default   = "hunter22-before"
}
resource "terraform_data" "kept" { input = "a" }
resource "terraform_data" "changed" { input = { password = var.secret, size = 1 } }
resource "terraform_data" "replaced" { triggers_replace = ["1"] }
resource "terraform_data" "gone" { input = "z" }
`
const AFTER = `
variable "secret" {
  type      = string
  sensitive = true
  default   = "hunter22-after"
}
resource "terraform_data" "kept" { input = "a" }
resource "terraform_data" "changed" { input = { password = var.secret, size = 2 } }
resource "terraform_data" "replaced" { triggers_replace = ["2"] }
resource "terraform_data" "new" {
  count = 2
  input = "n"
}
`

const PASSWORD = 'TF_VAR_database_master_password'
const ASKS_FOR_PASSWORD = `
variable "database_master_password" {
  type      = string
  sensitive = true

  validation {
    condition     = can(regex("^[!#-.0-?A-~]{16,41}$", var.database_master_password))
    error_message = "No password."
  }
}
resource "terraform_data" "length" {
  for_each = toset([tostring(nonsensitive(length(var.database_master_password)))])
}
`

describe.runIf(needsTerraform())('a plan of the real Terraform', () => {
  const planOf = (folder: string, environment = process.env) =>
    makePlan({
      program: findTerraform(process.env),
      folder,
      environment,
      signal: new AbortController().signal,
      say: () => {},
    })

  it('is prepared, made and read, in words that hold no secret, and left nowhere', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'main.tf'), BEFORE)
    const empty = summarizePlan(await planOf(folder))
    expect(empty.resources.map(({ action }) => action)).toEqual(['create', 'create', 'create', 'create'])
    const applied = await runCommand('terraform', ['apply', '-auto-approve', '-no-color'], { folder })
    expect(applied.code).toBe(0)
    await writeFile(join(folder, 'main.tf'), AFTER)
    const before = await temporaryPlans()
    const summary = summarizePlan(await planOf(folder))
    expect(await temporaryPlans()).toEqual(before)
    expect(summary.resources.map(({ address, action }) => `${action} ${address}`)).toEqual([
      'change terraform_data.changed',
      'destroy terraform_data.gone',
      'create terraform_data.new[0]',
      'create terraform_data.new[1]',
      'replace terraform_data.replaced',
    ])
    expect(JSON.stringify(summary)).not.toContain('hunter22')
    const [changed, gone, , , replaced] = summary.resources
    expect(changed?.attributes).toContainEqual({
      path: 'input.size',
      before: '1',
      after: '2',
      forcesReplacement: false,
    })
    expect(gone?.reason).toBe('it is no longer in the configuration')
    expect(replaced?.attributes.filter(({ forcesReplacement }) => forcesReplacement)).toEqual([
      { path: 'triggers_replace[0]', before: '1', after: '2', forcesReplacement: true },
    ])
  })

  it('prepares the folder again when the files ask for something new', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'main.tf'), 'resource "terraform_data" "one" {}\n')
    await planOf(folder)
    await writeFile(
      join(folder, 'backend.tf'),
      'terraform {\n  backend "local" {\n    path = "other.tfstate"\n  }\n}\n',
    )
    expect(summarizePlan(await planOf(folder)).resources).toHaveLength(1)
  })

  it('needs no password of a database: it is written, never compared', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'main.tf'), ASKS_FOR_PASSWORD)
    const { [PASSWORD]: _, ...without } = process.env
    const summary = summarizePlan(await planOf(folder, without))
    expect(summary.resources.map(({ address }) => address)).toEqual(['terraform_data.length["23"]'])
    expect(JSON.stringify(summary)).not.toContain('stand-in')
    const given = await planOf(folder, { ...without, [PASSWORD]: 'sixteen-or-so-characters' })
    expect(summarizePlan(given).resources.map(({ address }) => address)).toEqual([
      'terraform_data.length["24"]',
    ])
  })

  it('says what Terraform says where it fails', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'main.tf'), 'resource "terraform_data" "one" { inputs = 1 }\n')
    const error = await planOf(folder).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({ remedy: expect.stringContaining('Unsupported argument') })
  })
})

it('takes no lock: whoever plans may only have the right to read', async () => {
  const folder = await temporaryFolder()
  const program = join(folder, 'terraform')
  await writeFile(program, '#!/bin/sh\nif [ "$1" = plan ]; then echo "$@" >&2; exit 1; fi\n', { mode: 0o755 })
  const { signal } = new AbortController()
  const plan = makePlan({ program, folder, environment: process.env, signal, say: () => {} })
  await expect(plan).rejects.toMatchObject({ remedy: expect.stringContaining('-lock=false') })
})

it('says how to install Terraform where there is none', async () => {
  const folder = await temporaryFolder()
  expect(() => findTerraform({ PATH: folder })).toThrow('neither terraform nor tofu is installed')
})

async function temporaryPlans(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter(name => name.startsWith('sluice-plan-'))
}
