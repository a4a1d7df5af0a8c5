import { execFileSync } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { readTree, temporaryFolder } from '../../../test/harness/file-tree.ts'
import { startFakeServer } from '../testing/fake-server.ts'
import { runCli } from '../testing/run-cli.ts'

const DIGEST = `sha256:${'0'.repeat(63)}1`
const BLUEPRINT = `project: shop
accounts:
  prod: { id: '111111111111', region: eu-central-1 }
services:
  web:
    image: registry.example.com/web:1
    grace: 20s
environments:
  dev: { target: ecs, account: prod }
  prod: { target: ecs }
`
const TASK = 'ecs/prod/web/task-definition.json'

let folder = ''

beforeEach(async () => {
  folder = await temporaryFolder()
  await writeFile(join(folder, 'sluice.yaml'), BLUEPRINT)
})

const render = (...words: readonly string[]) => runCli(['render', '--only', 'ecs', ...words], { folder })
const read = (path: string) => readFile(join(folder, path), 'utf8')
const change = async (path: string, from: string, to: string) =>
  writeFile(join(folder, path), (await read(path)).replace(from, to))

describe('render', () => {
  it('writes every file once, and says so', async () => {
    const first = await render()
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/^✓ (\d+) files: \1 changed\n/)
    expect(JSON.parse(await read(TASK))).toMatchObject({ family: 'shop-prod-web' })
    const before = await readTree(folder)
    const second = await render('--json')
    expect(await readTree(folder)).toEqual(before)
    const { files } = JSON.parse(second.stdout) as { files: readonly object[] }
    expect(files).toContainEqual({ path: TASK, ecosystem: 'ecs', environment: 'prod', outcome: 'unchanged' })
  })

  it('leaves an edited file, says what to do, and does it', async () => {
    await render()
    await change(TASK, 'shop-prod-web', 'mine')
    await change('sluice.yaml', '20s', '25s')
    const found = await render()
    expect(found.code).toBe(1)
    expect(found.stdout).toContain(`! edited since it was rendered, and left as it is:\n    ${TASK}\n`)
    expect(found.stdout).toContain(`run \`sluice render --overwrite ${TASK}\`\n  Or keep`)
    expect(await read(TASK)).toContain('mine')
    expect(await read('ecs/dev/web/task-definition.json')).toContain('"stopTimeout": 25')
    expect((await render('--overwrite', TASK)).code).toBe(0)
    expect(await read(TASK)).not.toContain('mine')
  })

  it('leaves the Dockerfile to a team that names it from now on, edited or not', async () => {
    await mkdir(join(folder, 'web'))
    await writeFile(join(folder, 'web/package.json'), '{"scripts":{"start":"node server.js"}}')
    await change(
      'sluice.yaml',
      'image: registry.example.com/web:1',
      'build: ./web\n    command: node server.js',
    )
    const docker = (...words: readonly string[]) =>
      runCli(['render', '--only', 'docker', ...words], { folder })
    expect((await docker()).code).toBe(0)
    const rendered = await read('web/Dockerfile')
    await change('sluice.yaml', 'build: ./web', 'build: { context: ./web, dockerfile: Dockerfile }')
    const kept = await docker()
    expect(kept.code).toBe(0)
    expect(await read('web/Dockerfile')).toBe(rendered)
    expect(await read('sluice.rendered.json')).not.toContain('web/Dockerfile"')
    await change('web/Dockerfile', 'STOPSIGNAL SIGTERM', 'STOPSIGNAL SIGINT')
    expect((await docker('--check')).stdout).toContain('as rendered.')
  })

  it('renders no more what a person keeps, wherever the person stands', async () => {
    await render()
    await change(TASK, 'shop-prod-web', 'mine')
    const here = join(folder, 'ecs/prod/web')
    const kept = await runCli(['render', '--only', 'ecs', '--keep', 'task-definition.json'], { folder: here })
    expect(kept.code).toBe(0)
    expect(kept.stdout).toContain('by hand')
    expect(JSON.parse(await read('sluice.rendered.json'))).toMatchObject({ byHand: [TASK] })
    expect((await render('--check')).stdout).toMatch(/files are as rendered, 1 by hand\.\n$/)
    expect(await read(TASK)).toContain('mine')
  })

  it('renders one environment without touching the others', async () => {
    await render()
    await change('sluice.yaml', '20s', '25s')
    expect((await render('--env', 'dev')).code).toBe(0)
    expect(await read('ecs/dev/web/task-definition.json')).toContain('"stopTimeout": 25')
    expect(await read(TASK)).toContain('"stopTimeout": 20')
    expect((await render('--check', '--env', 'dev')).code).toBe(0)
    expect((await render('--check')).code).toBe(1)
  })

  it('removes the files of an environment that is gone', async () => {
    await render('--out', 'deploy')
    await change('sluice.yaml', '  dev: { target: ecs, account: prod }\n', '')
    const { stdout } = await render('--out', 'deploy')
    expect(stdout).toContain('removed')
    const paths = Object.keys(await readTree(join(folder, 'deploy')))
    expect(paths.filter(path => path.startsWith('ecs/dev'))).toEqual([])
    expect(paths).toContain(TASK)
  })

  it('names images by digest, and refuses tags and services that are not there', async () => {
    await render('--image', `web=registry.example.com/web@${DIGEST}`)
    expect(await read(TASK)).toContain(`registry.example.com/web@${DIGEST}`)
    const tag = await render('--image', 'web=registry.example.com/web:2')
    expect(tag.code).toBe(2)
    expect(tag.stderr).toContain('it has no digest')
    const unknown = await render('--image', `wep=registry.example.com/web@${DIGEST}`)
    expect(unknown.stderr).toContain('did you mean web?')
  })

  it('asks the server for the images of a release', async () => {
    const artifacts = { web: { kind: 'image', repository: 'ghcr.io/acme/web', digest: DIGEST } }
    const bundle = { web: { kind: 'bundle', bytes: 1, digest: DIGEST } }
    const server = await startFakeServer({
      'GET /releases/latest': () => ({ body: { id: DIGEST, artifacts } }),
      'GET /releases/r-0000000001': () => ({ body: { id: DIGEST, artifacts: bundle } }),
    })
    onTestFinished(() => server.close())
    await render('--release', 'latest', '--server', server.url)
    expect(await read(TASK)).toContain(`ghcr.io/acme/web@${DIGEST}`)
    const bundles = await render('--release', 'r-0000000001', '--server', server.url)
    expect(bundles.code).toBe(1)
    expect(bundles.stderr).toContain('it holds bundles')
  })

  it.each([
    [['--env', 'prd'], 'did you mean prod?'],
    [['--only', 'helm'], 'there are docker, terraform'],
    [['--check', '--diff'], 'both were given'],
    [['--check', '--keep', 'ecs'], '--check writes nothing'],
    [['--format', 'github'], 'add --check'],
    [['--overwrite', 'nowhere'], 'nothing is rendered there'],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await runCli(['render', ...words], { folder })
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(Object.keys(await readTree(folder))).toEqual(['sluice.yaml'])
  })
})

it('renders into no file', async () => {
  const { code, stderr } = await render('--out', 'sluice.yaml/below')
  expect(code).toBe(1)
  expect(stderr).toContain('sluice.yaml: it is no folder\n  name a folder')
})

describe('render --check', () => {
  it('shows how every file differs, and changes nothing', async () => {
    await render()
    await change('sluice.yaml', '20s', '25s')
    await rm(join(folder, 'ecs/dev/web/task-definition.json'))
    const before = await readTree(folder)
    const { code, stdout } = await render('--check')
    expect(code).toBe(1)
    expect(stdout).toContain(`✗ ${TASK}: stale; run \`sluice render\` and commit it\n--- on disk/${TASK}\n`)
    expect(stdout).toContain('-      "stopTimeout": 20,\n+      "stopTimeout": 25,\n')
    expect(stdout).toContain('✗ ecs/dev/web/task-definition.json: not there yet')
    expect(stdout).toContain('2 files are not as rendered.')
    expect(await readTree(folder)).toEqual(before)
  })

  it('asks for nothing that was never rendered there', async () => {
    await render()
    const { code, stdout } = await runCli(['render', '--check'], { folder })
    expect(code).toBe(0)
    expect(stdout).toContain('as rendered')
    const docker = await runCli(['render', '--check', '--only', 'github'], { folder })
    expect(docker.code).toBe(1)
  })

  it('annotates a pull request from the top of the repository', async () => {
    await render()
    await change('sluice.yaml', '20s', '25s')
    const words = ['render', '--only', 'ecs', '--env', 'prod', '--check', '--format', 'github']
    const environment = { GITHUB_WORKSPACE: join(folder, '..') }
    const { code, stdout } = await runCli(words, { folder, environment })
    expect(code).toBe(1)
    const name = folder.split('/').at(-1) ?? ''
    expect(stdout).toMatch(
      new RegExp(
        `^::error file=${name}/${TASK},line=\\d+,title=Sluice%3A stale::run \`sluice render\` and commit it\n`,
      ),
    )
  })

  it('lists files for programs', async () => {
    const { code, stdout } = await render('--check', '--json')
    expect(code).toBe(1)
    const { ok, files } = JSON.parse(stdout) as { ok: boolean; files: readonly object[] }
    expect(ok).toBe(false)
    expect(files).toContainEqual(expect.objectContaining({ path: TASK, state: 'missing', ecosystem: 'ecs' }))
  })
})

describe('render --diff', () => {
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words], {
      cwd: folder,
    })

  it('shows what a change of the blueprint does, with no rendered file on the disk', async () => {
    git('init', '-q', '-b', 'main')
    git('add', '.')
    git('commit', '-q', '-m', 'first')
    expect((await render('--diff')).stdout).toMatch(/^The blueprint gives the same files as at HEAD\.\n/)
    await change('sluice.yaml', '20s', '25s')
    const { code, stdout } = await render('--diff', '--env', 'prod')
    expect(code).toBe(0)
    expect(stdout).toContain(`--- HEAD/${TASK}\n+++ blueprint/${TASK}\n`)
    expect(stdout).toContain('-      "stopTimeout": 20,\n+      "stopTimeout": 25,\n')
    expect(stdout).toMatch(new RegExp(`${TASK} +changed +\\+1 -1\n`))
    expect(stdout).toMatch(/\n\n1 file: 1 changed\n$/)
    expect(Object.keys(await readTree(folder)).filter(path => !path.startsWith('.git'))).toEqual([
      'sluice.yaml',
    ])
  })

  it('takes files that the blueprint names from that revision, and any revision', async () => {
    git('init', '-q', '-b', 'main')
    await writeFile(join(folder, 'app.json'), '{"a":1}\n')
    await change('sluice.yaml', '    grace', '    files: { /etc/app/app.json: ./app.json }\n    grace')
    git('add', '.')
    git('commit', '-q', '-m', 'first')
    git('tag', 'v1')
    await writeFile(join(folder, 'app.json'), '{"a":2}\n')
    git('commit', '-q', '-a', '-m', 'second')
    expect((await render('--diff')).stdout).toContain('the same files as at HEAD')
    expect((await render('--diff', 'v1')).stdout).toContain('blueprint/ecs/prod/web/task-definition.json')
  })

  it('takes everything for new where there was no blueprint, and names a revision that is none', async () => {
    git('init', '-q', '-b', 'main')
    git('commit', '-q', '--allow-empty', '-m', 'first')
    expect((await render('--diff')).stdout).toContain('--- /dev/null')
    const { code, stderr } = await render('--diff', 'nowhere')
    expect(code).toBe(2)
    expect(stderr).toContain('git knows no such revision')
  })

  it('says what was wrong with the blueprint then', async () => {
    git('init', '-q', '-b', 'main')
    await change('sluice.yaml', 'target: ecs }', 'target: esc }')
    git('add', '.')
    git('commit', '-q', '-m', 'first')
    await writeFile(join(folder, 'sluice.yaml'), BLUEPRINT)
    const { code, stderr } = await render('--diff')
    expect(code).toBe(1)
    expect(stderr).toContain('HEAD:sluice.yaml:10:')
  })
})

describe('explain --file', () => {
  it('names the field behind a line, whether or not the file is there', async () => {
    const { stdout } = await runCli(['explain', '--file', TASK, '--json'], { folder })
    const { origins } = JSON.parse(stdout) as { origins: readonly { field: string; lines: number[] }[] }
    const [line = 0] = origins.find(({ field }) => field === 'services.web.grace')?.lines ?? []
    const one = await runCli(['explain', '--file', `${TASK}:${line}`], { folder })
    expect(one.code).toBe(0)
    expect(one.stdout).toContain(`${TASK}:${line}  "stopTimeout": 20`)
    expect(one.stdout).toMatch(/services\.web\.grace +20s +service +sluice\.yaml:7:5 +this line\n/)
  })

  it('says that a line is the same for everybody, or may come from the sources', async () => {
    const { stdout } = await runCli(['explain', '--file', `${TASK}:1`], { folder })
    expect(stdout).toContain('fixed text of Sluice’s template')
    const compose = await runCli(['explain', '--file', 'compose.prod.yaml:1'], { folder })
    expect(compose.stdout).toContain('Sluice’s template, or the service’s folder')
  })

  it.each([
    [['--file', 'ecs/prod/web/task-defintion.json'], `did you mean ${TASK}?`],
    [['--file', `${TASK}:9999`], 'lines'],
    [[], 'nothing was named'],
    [['services.web', '--file', TASK], 'a field and a file were named'],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await runCli(['explain', ...words], { folder })
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  it('takes the blueprint from -f, as every command does', async () => {
    await mkdir(join(folder, 'elsewhere'))
    const words = ['explain', '-f', '../sluice.yaml', '--file', `../${TASK}:1`]
    expect((await runCli(words, { folder: join(folder, 'elsewhere') })).code).toBe(0)
    const field = await runCli(['-f', 'sluice.yaml', 'explain', 'services.web.grace'], { folder })
    expect(field.stdout).toContain('20s')
  })
})
