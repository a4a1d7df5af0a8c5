import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SMALL } from './blueprint.fixture.ts'
import { findBlueprint, loadBlueprint } from './load.ts'
import { resolveService } from './resolve-service.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-blueprint-'))
  for (const folder of ['web', 'api']) mkdirSync(join(root, folder))
})

afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, content: string | Uint8Array): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

async function problemsOf(file: string) {
  const result = await loadBlueprint(file)
  return result.ok ? [] : result.problems.map(({ path, what }) => (path === '' ? what : `${path}: ${what}`))
}

describe('a blueprint on disk', () => {
  it('is found from any folder below it', async () => {
    const file = write('sluice.yaml', SMALL)
    mkdirSync(join(root, 'web/src'))
    expect(await findBlueprint(join(root, 'web/src'))).toBe(file)
  })

  it('is loaded with the files it refers to, which are part of its revision', async () => {
    const file = write(
      'sluice.yaml',
      SMALL.replace('build: ./web', 'build: ./web\n    files: { /etc/app.json: config/app.json }'),
    )
    const load = async () => {
      write('config/app.json', content)
      const result = await loadBlueprint(file)
      if (!result.ok) throw new Error(JSON.stringify(result.problems))
      return result
    }
    let content = '{"a":1}'
    const first = await load()
    expect(resolveService(first.blueprint, 'dev', 'web').files).toEqual({ '/etc/app.json': '{"a":1}' })
    content = '{"a":2}'
    expect((await load()).revision).not.toBe(first.revision)
  })

  it('may not read through links that leave the project, nor what is no text', async () => {
    symlinkSync('/etc/passwd', join(root, 'outside'))
    symlinkSync('/etc', join(root, 'folder'))
    write('binary', new Uint8Array([0xff, 0xfe, 0x00]))
    write('large', 'x'.repeat(1_048_577))
    const files = '{ /a: outside, /b: folder/passwd, /c: binary, /d: web, /e: missing, /f: large }'
    const file = write('sluice.yaml', SMALL.replace('build: ./web', `build: ./folder\n    files: ${files}`))
    expect(await problemsOf(file)).toEqual([
      'services.web.build: there is no folder ./folder',
      'services.web.files["/a"]: outside is a link that leaves the project',
      'services.web.files["/b"]: folder/passwd is a link that leaves the project',
      'services.web.files["/c"]: binary is no UTF-8 text',
      'services.web.files["/d"]: web is no file',
      'services.web.files["/e"]: missing does not exist',
      'services.web.files["/f"]: large is larger than 1024 KiB',
    ])
  })

  it('is told when it is missing, a folder or no text', async () => {
    expect(await problemsOf(join(root, 'sluice.yaml'))).toEqual(['does not exist'])
    expect(await problemsOf(join(root, 'web'))).toEqual(['is no file'])
    expect(await problemsOf(write('sluice.yaml', new Uint8Array([0xc3, 0x28])))).toEqual(['is no UTF-8 text'])
  })

  it('may be written in TypeScript, and is run again when it changed', async () => {
    const define = join(import.meta.dirname, 'define-blueprint.ts')
    const source = (replicas: string) => `import { defineBlueprint } from ${JSON.stringify(define)}
const replicas: number = ${replicas}
export default defineBlueprint({
  project: 'shop',
  services: { web: { build: './web', replicas } },
  environments: { dev: {} },
})
`
    const file = write('sluice.config.ts', source('4'))
    const first = await loadBlueprint(file)
    expect(first.ok && resolveService(first.blueprint, 'dev', 'web').replicas).toBe(4)
    write('sluice.config.ts', source('5'))
    const second = await loadBlueprint(file)
    expect(second.ok && resolveService(second.blueprint, 'dev', 'web').replicas).toBe(5)
    expect(first.ok && second.ok && first.revision !== second.revision).toBe(true)
  })

  it('in TypeScript has the same rules, told by path', async () => {
    const file = write(
      'sluice.config.ts',
      'export default { project: "shop", services: { web: { prot: 1 } }, environments: {} }',
    )
    const result = await loadBlueprint(file)
    expect(result.ok ? [] : result.problems).toContainEqual({
      severity: 'error',
      file,
      line: 1,
      column: 1,
      path: 'services.web.prot',
      what: 'is unknown',
      remedy: 'did you mean port?',
    })
  })

  it.each([
    ['export const a = 1', 'exports no default'],
    ['export default { project: () => 1 }', 'project: is no plain data'],
    ['export default { project: new Date(0) }', 'project: is no plain data'],
    ['export default { project: Number.NaN }', 'project: is NaN'],
    ['const a: any = {}; a.a = a; export default a', `${'a.'.repeat(32)}a: is nested deeper than 32 levels`],
    ['throw new Error("no")', 'cannot be run: no'],
  ])('in TypeScript is refused: %s', async (source, problem) => {
    expect(await problemsOf(write('sluice.config.ts', source))).toEqual([problem])
  })
})
