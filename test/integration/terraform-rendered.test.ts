import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { loadBlueprint } from '../../src/blueprint/load.ts'
import { parseBlueprint } from '../../src/blueprint/parse.ts'
import { type ResolvedBlueprint, resolveBlueprint } from '../../src/blueprint/resolve-blueprint.ts'
import { readTerraformFiles } from '../../src/cli/render/terraform-files.ts'
import { renderTerraform } from '../../src/render/terraform/render-terraform.ts'
import { anyTerraformBlueprint } from '../../src/render/testing/any-terraform-blueprint.ts'
import { initIn, needsTerraform, terraformIn, validateIn } from '../harness/terraform.ts'

const OWN = new URL('../../terraform/', import.meta.url).pathname
const LONG = 'n'.repeat(40)

/** Names as long as they may be, and one environment of each kind. */
const LONGEST = `
project: ${LONG}
accounts: { one: { id: '111122223333', region: eu-central-1 } }
services:
  ${LONG}:
    build: .
    ingress: /
    secrets: { API_KEY: { variable: API_KEY }, ONE: { file: /run/keys/a-b }, TWO: { file: /run/keys/a/b } }
    scaling: true
    egress: [{ to: 0.0.0.0/0, ports: [443] }]
delivery: { repository: example/shop }
roles: { ${LONG}: { aws: { ${'a'.repeat(40)}: admin } } }
environments:
  ${'a'.repeat(40)}: { target: ecs, account: one, ecs: { capacity: ec2 }, backup: { copyTo: us-east-1 } }
  ${'b'.repeat(40)}: { target: ec2, account: one, tier: development }
  ${'c'.repeat(40)}: { target: kubernetes, account: one, database: true, monitoring: { prometheus: 'http://p:9090' }, kubernetes: { cluster: { version: '1.34' } } }
`

const modules = await readTerraformFiles()

function filesOf(blueprint: ResolvedBlueprint): ReadonlyMap<string, string> {
  const files = renderTerraform({ blueprint, builds: {}, images: {}, modules })
  return new Map(files.map(file => [file.path, file.text()]))
}

function resolved(yaml: string): ResolvedBlueprint {
  const result = parseBlueprint(yaml, { file: 'sluice.yaml' })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return resolveBlueprint(result.blueprint)
}

async function fleet(): Promise<ResolvedBlueprint> {
  const result = await loadBlueprint('examples/fleet/sluice.yaml')
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return resolveBlueprint(result.blueprint)
}

function write(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

describe.runIf(needsTerraform())('Terraform rendered from a blueprint', () => {
  let home: string
  let blueprint: ResolvedBlueprint
  let files: ReadonlyMap<string, string>
  const at = (...path: string[]): string => join(home, 'terraform', ...path)

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'sluice-rendered-'))
    blueprint = await fleet()
    files = filesOf(blueprint)
    write(home, files)
    cpSync(join(OWN, 'environments/any/tests'), at('environments/prod/tests'), { recursive: true })
    cpSync(join(OWN, 'foundation/any/tests'), at('foundation/prod/tests'), { recursive: true })
    for (const root of ['shared', 'organization'])
      cpSync(join(OWN, root, 'tests'), at(root, 'tests'), { recursive: true })
    // Of each kind one folder: the others have the same text, and are tested with their values in its place.
    for (const root of ['environments/prod', 'foundation/prod', 'shared', 'organization'])
      await initIn(at(root))
  }, 600_000)
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it('is formatted as terraform fmt leaves it', async () => {
    const { code, output } = await terraformIn(at(), ['fmt', '-check', '-diff', '-recursive', '-no-color'])
    expect(output).toBe('')
    expect(code).toBe(0)
  })

  it('is valid, without a warning', { timeout: 300_000 }, async () => {
    for (const root of ['environments/prod', 'foundation/prod', 'shared', 'organization'])
      expect(await validateIn(at(root)), root).toEqual([])
  })

  it('has one text for all environments', () => {
    for (const kind of ['environments', 'foundation']) {
      const environments = readdirSync(at(kind))
      expect(environments).toHaveLength(5)
      for (const name of ['main', 'variables', 'outputs', 'versions', 'providers'])
        expect(
          new Set(environments.map(each => files.get(`terraform/${kind}/${each}/${name}.tf`))).size,
        ).toBe(1)
    }
  })

  it.each(['dev', 'staging', 'prod', 'prod-eks', 'legacy'])('plans %s', { timeout: 300_000 }, async name => {
    await plans('environments', files.get(`terraform/environments/${name}/terraform.tfvars`))
    await plans('foundation', files.get(`terraform/foundation/${name}/terraform.tfvars`))
  })

  it.each(['a', 'b', 'c'])(
    'plans an environment with names as long as they may be (%s)',
    { timeout: 300_000 },
    async sign => {
      const longest = filesOf(resolved(LONGEST))
      await plans('environments', longest.get(`terraform/environments/${sign.repeat(40)}/terraform.tfvars`))
      await plans('foundation', longest.get(`terraform/foundation/${sign.repeat(40)}/terraform.tfvars`))
    },
  )

  it('plans what environments share, and the organization', { timeout: 300_000 }, async () => {
    for (const root of ['shared', 'organization']) {
      const { code, output } = await terraformIn(at(root), ['test', '-no-color'])
      expect(code, output).toBe(0)
    }
  })

  it('refuses values that contradict each other', { timeout: 300_000 }, async () => {
    const folder = at('environments/prod')
    writeFileSync(
      join(folder, 'terraform.tfvars'),
      files.get('terraform/environments/dev/terraform.tfvars') ?? '',
    )
    const { code, output } = await terraformIn(folder, [
      'test',
      '-no-color',
      '-filter=tests/refused.tftest.hcl',
    ])
    expect(code, output).toBe(0)
  })

  async function plans(kind: 'environments' | 'foundation', values: string | undefined): Promise<void> {
    const folder = at(kind, 'prod')
    writeFileSync(join(folder, 'terraform.tfvars'), values ?? '')
    const filter = `-filter=tests/${kind === 'environments' ? 'environment' : kind}.tftest.hcl`
    const { code, output } = await terraformIn(folder, ['test', '-no-color', filter])
    expect(code, output).toBe(0)
  }
})

describe.runIf(needsTerraform())('Terraform of any valid blueprint', () => {
  it('is formatted, and has values of the types and within the bounds that its variables have', {
    timeout: 300_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-any-'))
    try {
      const roots = fc
        .sample(anyTerraformBlueprint, Number(process.env['FUZZ_RUNS'] ?? 60))
        .flatMap(content => {
          const result = parseBlueprint(stringify(content), { file: 'sluice.yaml', hasFolder: () => true })
          return result.ok ? valuesOf(resolveBlueprint(result.blueprint)) : []
        })
      expect(roots.length).toBeGreaterThan(20)
      writeTypes(folder)
      roots.forEach(({ values }, index) => writeFileSync(join(folder, `${index}.tfvars`), values))
      const calls = roots.map(
        ({ kind, values }, index) =>
          `module "root_${index}" {\n  source = "./${kind}"\n${EXTRA[kind] ?? ''}${values}}\n`,
      )
      writeFileSync(join(folder, 'main.tf'), calls.join('\n'))
      expect(
        (
          await terraformIn(folder, [
            'fmt',
            '-check',
            '-no-color',
            ...roots.map((_, index) => `${index}.tfvars`),
          ])
        ).output,
      ).toBe('')
      await initIn(folder)
      const { code, output } = await terraformIn(folder, ['plan', '-no-color', '-input=false', '-lock=false'])
      expect(code, output).toBe(0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

/** What nobody renders. */
const EXTRA: Readonly<Record<string, string>> = {
  environments: '  database_master_password = "not-a-real-password"\n',
}

interface Values {
  readonly kind: string
  readonly values: string
}

function valuesOf(blueprint: ResolvedBlueprint): readonly Values[] {
  return [...filesOf(blueprint)].flatMap(([path, values]) =>
    path.endsWith('/terraform.tfvars') ? [{ kind: path.split('/')[1] ?? '', values }] : [],
  )
}

/** The variables of each kind of folder as a module of nothing else, so that one call checks many values. */
function writeTypes(folder: string): void {
  for (const [kind, from] of [
    ['environments', 'environments/any'],
    ['foundation', 'foundation/any'],
    ['shared', 'shared'],
    ['organization', 'organization'],
  ] as const) {
    mkdirSync(join(folder, kind))
    writeFileSync(join(folder, kind, 'variables.tf'), modules.get(`${from}/variables.tf`) ?? '')
  }
}
