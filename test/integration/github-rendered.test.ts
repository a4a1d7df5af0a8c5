import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadBlueprint } from '../../src/blueprint/load.ts'
import { resolveBlueprint } from '../../src/blueprint/resolve-blueprint.ts'
import { renderGithub } from '../../src/render/github/render-github.ts'
import type { RenderInput } from '../../src/render/rendered-file.ts'
import { inputOf } from '../../src/render/testing/render-input.ts'
import { runCommand } from '../harness/command.ts'
import { goTool } from '../harness/go-tool.ts'
import { needs } from '../harness/needs.ts'

const actionlint = goTool('actionlint')
const shellcheck = needs('shellcheck', 'apt-get install -y shellcheck')

if (actionlint !== undefined && shellcheck)
  describe('what is rendered for GitHub Actions', () => {
    let folder: string
    let count = 0

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sluice-github-'))
    })
    afterAll(() => rm(folder, { recursive: true }))

    /** Writes a repository with the workflows; says what actionlint finds in it. */
    const lint = async (input: RenderInput, change = (text: string) => text) => {
      const repository = join(folder, String(++count))
      // actionlint looks for the repository that workflows refer to files of.
      await mkdir(join(repository, '.git'), { recursive: true })
      for (const { path, text } of renderGithub(input)) {
        const file = join(repository, path)
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, change(text()))
      }
      const result = await runCommand(actionlint, ['-no-color'], { folder: repository })
      return { ...result, said: result.stdout + result.stderr }
    }

    const exampleOf = async (name: string): Promise<RenderInput> => {
      const result = await loadBlueprint(`examples/${name}/sluice.yaml`)
      if (!result.ok) throw new Error('the example is refused')
      return {
        blueprint: resolveBlueprint(result.blueprint),
        builds: {},
        images: {},
        modules: new Map(),
      }
    }

    it.for(['shop', 'fleet'])('is clean for actionlint and shellcheck: %s', async name => {
      expect((await lint(await exampleOf(name))).said).toBe('')
    })

    it('is clean whatever a branch may be called', async () => {
      const input = inputOf(`
project: shop
services: { web: { image: registry.example.com/web:1 } }
delivery: { branches: { 'release/1.x': dev, 'team#7+a_b': prod } }
environments: { dev: {}, prod: {} }
`)
      expect((await lint(input)).said).toBe('')
    })

    it('is not clean when a job needs one that does not exist', async () => {
      const result = await lint(await exampleOf('fleet'), text =>
        text.replace('- promote-dev', '- promote-nowhere'),
      )
      expect(result.code).not.toBe(0)
      expect(result.said).toContain('promote-nowhere')
    })
  })
