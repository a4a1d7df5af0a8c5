import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/harness/file-tree.ts'
import { runCli } from '../testing/run-cli.ts'

const BLUEPRINT = `project: shop
accounts:
  prod: { id: '111111111111', region: eu-central-1 }
services:
  web: { image: 'registry.example.com/web:1' }
environments:
  dev: {}
  prod: { target: ecs }
`

/** Plans what stands in `plan.json` beside it, and writes down how it was called. */
const TERRAFORM = `#!/bin/sh
echo "$@ in $(basename "$PWD") with \${SLUICE_TOKEN:-no token}" >> "$CALLS"
case "$1" in
  init) mkdir .terraform ;;
  plan) echo 'module.network.aws_vpc.this: Refreshing state... [id=vpc-1]' ;;
  show) cat "$PLAN" ;;
esac
`

const DESTROYED = {
  format_version: '1.2',
  resource_changes: [
    {
      address: 'module.database[0].aws_db_instance.this',
      mode: 'managed',
      type: 'aws_db_instance',
      change: { actions: ['delete'], before: { password: 'hunter22' }, after: null },
      action_reason: 'delete_because_no_resource_config',
    },
  ],
}

let folder = ''
let environment: Readonly<Record<string, string>> = {}

beforeEach(async () => {
  folder = await temporaryFolder()
  await writeFile(join(folder, 'sluice.yaml'), BLUEPRINT)
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin/terraform'), TERRAFORM)
  await chmod(join(folder, 'bin/terraform'), 0o755)
  await writeFile(join(folder, 'plan.json'), JSON.stringify(DESTROYED))
  environment = {
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    CALLS: join(folder, 'calls'),
    PLAN: join(folder, 'plan.json'),
    SLUICE_TOKEN: 'hunter22',
  }
})

const sluice = (...words: readonly string[]) => runCli(words, { folder, environment })
const render = () => sluice('render', '--only', 'terraform')

describe('plan', () => {
  it('stops where data would be lost, until that is accepted', async () => {
    await render()
    const { code, stdout } = await sluice('plan', 'prod')
    expect(code).toBe(1)
    expect(stdout).toContain('prod: 1 to destroy\n')
    expect(stdout).toContain('⛔ Stop: data would be lost\n')
    expect(stdout).not.toContain('hunter22')
    const accepted = await sluice('plan', 'prod', '--accept-loss', 'module.database[0].aws_db_instance.this')
    expect(accepted.code).toBe(0)
    const slip = await sluice('plan', 'prod', '--accept-loss', 'module.database.aws_db_instance.this')
    expect(slip.code).toBe(2)
  })

  it('prepares the folder once, and keeps the token of Sluice to itself', async () => {
    await render()
    await sluice('plan', 'prod', '--json')
    const { stdout } = await sluice('plan', 'prod', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      root: 'prod',
      program: 'terraform',
      stop: [{ action: 'destroy' }],
    })
    const calls = (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n')
    expect(calls.map(call => call.split(' ')[0])).toEqual(['init', 'plan', 'show', 'plan', 'show'])
    expect(new Set(calls.map(call => call.replace(/^.* in /, '')))).toEqual(new Set(['prod with no token']))
  })

  it('plans only what the blueprint says now', async () => {
    const before = await sluice('plan', 'prod')
    expect(before.code).toBe(1)
    expect(before.stderr).toContain('it is not there yet\n  run `sluice render`')
    const elsewhere = await sluice('plan', 'prod', '--out', 'infra')
    expect(elsewhere.stderr).toContain('run `sluice render --out infra`')
    await render()
    await writeFile(
      join(folder, 'sluice.yaml'),
      BLUEPRINT.replace('target: ecs', 'target: ecs, network: { zones: 2 }'),
    )
    const stale = await sluice('plan', 'prod')
    expect(stale.stderr).toContain('terraform/environments/prod/terraform.tfvars: it is stale')
    expect(await readFile(join(folder, 'calls'), 'utf8').catch(() => '')).toBe('')
  })

  it.each([
    ['No valid credential sources found', 'sign in to the account'],
    ['Invalid account ID\n\nAWS account ID not allowed: 123456789012', 'signed in to another account'],
    ['S3 bucket "shop-prod-state" does not exist.', 'terraform/README.md says which folder makes it'],
    ['Unsupported argument', 'mend what it names'],
  ])('says what helps where Terraform says %j', async (said, remedy) => {
    await render()
    await writeFile(join(folder, 'bin/terraform'), `#!/bin/sh\necho 'Error: ${said}' >&2\nexit 1\n`)
    const { code, stderr } = await sluice('plan', 'prod')
    expect(code).toBe(1)
    expect(stderr).toContain(remedy)
    expect(stderr).toContain(said.split('\n').at(-1))
  })

  it('says where there is nothing to plan, and where Terraform is missing', async () => {
    await render()
    expect((await sluice('plan', 'dev')).stderr).toContain('no Terraform is rendered for it')
    expect((await sluice('plan', 'prdo')).stderr).toContain('did you mean prod?')
    expect((await sluice('plan', 'fondation/prod')).stderr).toContain('did you mean foundation/prod?')
    expect((await sluice('plan', 'organization')).stderr).toContain('managementAccount: ACCOUNT')
    for (const folder of ['foundation', 'modules/network', '../..']) {
      expect((await sluice('plan', folder)).code).toBe(2)
    }
    const none = await runCli(['plan', 'prod'], { folder, environment: { PATH: join(folder, 'empty') } })
    expect(none.code).toBe(1)
    expect(none.stderr).toContain('neither terraform nor tofu is installed\n  install one: https://')
  })
})
