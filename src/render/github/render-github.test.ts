import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { RenderInput } from '../rendered-file.ts'
import { inputOf } from '../testing/render-input.ts'
import { renderGithub } from './render-github.ts'

const BLUEPRINT = `
project: shop
accounts:
  shared: { id: '222222222222', region: ap-northeast-1 }
  dev: { id: '333333333333', region: ap-northeast-1 }
  prod: { id: '555555555555', region: ap-northeast-1 }
delivery: { repository: example/shop, registry: shared, branches: { develop: dev, main: prod } }
services: { web: { build: ./web }, api: { image: registry.example.com/api:1 } }
environments: { dev: { target: ecs }, staging: { gate: { checks: [tests, load] } }, prod: { target: ecs } }
`

const textOf = (name: string, input: RenderInput = inputOf(BLUEPRINT)) => {
  const file = renderGithub(input).find(({ path }) => path.endsWith(name))
  if (file === undefined) throw new Error(`no ${name}`)
  return file.text()
}
const workflow = (name: string, input?: RenderInput) => parse(textOf(`workflows/${name}.yml`, input))

describe('workflows', () => {
  it('use no action by a name that may be moved', () => {
    for (const { path, text } of renderGithub(inputOf(BLUEPRINT)))
      for (const [line] of text().matchAll(/uses: (?!\.\/).*/g))
        expect(line, path).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('hold no key of AWS: jobs assume roles by their identity', () => {
    const texts = renderGithub(inputOf(BLUEPRINT)).map(({ text }) => text())
    expect(texts.join('')).not.toMatch(/aws-access-key-id|aws-secret-access-key/)
    expect(workflow('release').jobs.release.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
  })

  it('may only read the repository unless a job says more', () => {
    for (const name of ['ci', 'deploy', 'promote', 'release'])
      expect(workflow(name).permissions, name).toEqual({ contents: 'read' })
  })

  it('put nothing that people choose into a shell line', () => {
    for (const name of ['ci', 'deploy', 'promote', 'release'])
      for (const { steps = [] } of Object.values<{ steps?: { run?: string }[] }>(workflow(name).jobs))
        for (const { run = '' } of steps) expect(run).not.toContain('${{')
  })

  it('build an image once and release its digest', () => {
    const { steps } = workflow('release').jobs.release
    const made = steps.find((step: { id?: string }) => step.id === 'release')
    expect(made.run).toContain(
      '--image "web=222222222222.dkr.ecr.ap-northeast-1.amazonaws.com/shop/web@$DIGEST_WEB"',
    )
    expect(made.run).not.toContain('api=')
    expect(made.env.DIGEST_WEB).toBe('${{ steps.build-web.outputs.digest }}')
  })

  it('take a release along every environment on the way to the one that the branch names', () => {
    const { jobs } = workflow('deploy')
    expect(Object.keys(jobs)).toEqual(['release', 'promote-dev', 'promote-staging', 'promote-prod'])
    expect(jobs['promote-dev'].if).toContain('["develop","main"]')
    expect(jobs['promote-prod'].if).toContain('["main"]')
    expect(jobs['promote-prod'].needs).toEqual(['release', 'promote-staging'])
  })

  it('keep no runner waiting for people', () => {
    const { jobs } = workflow('deploy')
    expect(jobs['promote-staging'].with.wait).toBe(true)
    expect(jobs['promote-prod'].with.wait).toBe(false)
  })

  it('never cut a promotion off in the middle', () => {
    expect(workflow('promote').jobs.promote.concurrency).toEqual({
      group: 'promote-${{ inputs.environment }}',
      'cancel-in-progress': false,
    })
  })

  it('plan with a role that may only read, and not for forks', () => {
    const { plan } = workflow('ci').jobs
    expect(plan.strategy.matrix.include).toEqual([
      { environment: 'dev', role: 'arn:aws:iam::333333333333:role/shop-dev-plan', region: 'ap-northeast-1' },
      {
        environment: 'prod',
        role: 'arn:aws:iam::555555555555:role/shop-prod-plan',
        region: 'ap-northeast-1',
      },
    ])
    expect(plan.if).toContain('head.repo.full_name == github.repository')
  })

  const node = {
    language: 'node',
    packageManager: 'npm',
    installFiles: ['package.json'],
    installFolders: [],
    scripts: { test: 'node --test' },
    hasDependencies: false,
    output: 'dist',
    sources: 'src',
    assets: [],
  } as const

  it('report the tests of the services as the check that the gate asks for, and no other', () => {
    const { release } = workflow('release', inputOf(BLUEPRINT, { builds: { web: node } })).jobs
    const names = release.steps.map((step: { name: string }) => step.name)
    expect(release.needs).toEqual(['tests'])
    expect(names).toContain('Report tests')
    expect(names).not.toContain('Report load')
  })

  it('run the code of tests in a job that can assume no role', () => {
    const { tests, release } = workflow('release', inputOf(BLUEPRINT, { builds: { web: node } })).jobs
    expect(tests.steps.map((step: { name: string }) => step.name)).toContain('Test web')
    expect(tests.permissions).toBeUndefined()
    expect(JSON.stringify(release.steps)).not.toMatch(/npm (?:ci|install|test)/)
  })

  it('install for tests with the package manager of the service, and its lock file where it has one', () => {
    const installed = (build: object) => {
      const builds = { web: { ...node, ...build } } as unknown as RenderInput['builds']
      return workflow('ci', inputOf(BLUEPRINT, { builds })).jobs.tests.steps[2].run
    }
    expect(installed({})).toBe('npm install')
    expect(installed({ lockFile: 'package-lock.json' })).toBe('npm ci')
    const pnpm = { packageManager: 'pnpm', packageManagerVersion: '9.12.0', lockFile: 'pnpm-lock.yaml' }
    expect(installed(pnpm)).toBe('npx --yes --package pnpm@9.12.0 pnpm install --frozen-lockfile')
    const yarn = { packageManager: 'yarn', packageManagerVersion: '4', lockFile: 'yarn.lock' }
    expect(installed(yarn)).toBe('npx --yes --package @yarnpkg/cli-dist@4 yarn install --immutable')
    expect(installed({ ...yarn, packageManagerVersion: '1' })).toContain(
      'yarn@1 yarn install --frozen-lockfile',
    )
  })

  it('take the name of a folder for a name, whatever expression it looks like', () => {
    const given = BLUEPRINT.replace('build: ./web', "build: './${{ github.token }}'")
    const text = textOf('workflows/release.yml', inputOf(given))
    expect(text).toContain("context: ${{ '${{' }} github.token }}")
    expect(text).not.toContain('${{ github.token }}')
  })

  it('push one commit under one tag a run: the registry takes no tag twice', () => {
    const { steps } = workflow('release').jobs.release
    const built = steps.find((step: { id?: string }) => step.id === 'build-web')
    expect(built.with.tags).toMatch(
      /:\$\{\{ github.sha }}-\$\{\{ github.run_id }}-\$\{\{ github.run_attempt }}$/,
    )
  })

  it('begin at the very branch, not at those that a pattern of the same signs would mean', () => {
    const given = BLUEPRINT.replace('main: prod', "'rel+1': prod")
    const { on, jobs } = workflow('deploy', inputOf(given))
    expect(on.push.branches).toEqual(['develop', 'rel\\+1'])
    expect(jobs['promote-prod'].if).toContain('["rel+1"]')
  })
})

describe('environments on GitHub', () => {
  it('give their secrets to protected branches only, the first one aside', () => {
    expect(JSON.parse(textOf('environments/dev.json')).deployment_branch_policy).toBeNull()
    expect(JSON.parse(textOf('environments/prod.json')).deployment_branch_policy).toEqual({
      protected_branches: true,
      custom_branch_policies: false,
    })
  })
})
