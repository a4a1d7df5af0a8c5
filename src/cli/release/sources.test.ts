import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gitFacts } from './git-facts.ts'
import { runBuild } from './run-build.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-sources-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

function git(...words: readonly string[]): string {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  return execFileSync('git', [...identity, ...words], { cwd: folder, encoding: 'utf8' }).trim()
}

const environment = { PATH: process.env['PATH'] }

describe('what git says', () => {
  it('is commit, branch and author, and that nothing differs', async () => {
    git('init', '-q', '-b', 'main')
    git('commit', '-q', '--allow-empty', '-m', 'first')
    const commit = git('rev-parse', 'HEAD')
    expect(await gitFacts(folder, environment)).toEqual({
      commit,
      branch: 'main',
      dirty: false,
      commitAuthor: 'ada@example.com',
    })
    await writeFile(join(folder, 'new'), '')
    expect(await gitFacts(folder, environment)).toMatchObject({ commit, dirty: true })
  })

  it('has no branch where none is checked out, and is not misled by variables of a hook', async () => {
    git('init', '-q', '-b', 'main')
    git('commit', '-q', '--allow-empty', '-m', 'first')
    git('checkout', '-q', '--detach')
    const facts = await gitFacts(folder, { ...environment, GIT_DIR: '/nowhere' })
    expect(facts).toHaveProperty('commit')
    expect(facts).not.toHaveProperty('branch')
  })

  it('vouches for nothing outside a repository', async () => {
    const outside = { ...environment, GIT_CEILING_DIRECTORIES: folder }
    expect(await gitFacts(folder, outside)).toEqual({ dirty: true })
  })
})

describe('a build command', () => {
  const run = (command: readonly string[]) => {
    const signal = new AbortController().signal
    const hidden = { ...environment, SLUICE_TOKEN: 'slu_secret' }
    return runBuild({ service: 'web', command, folder, environment: hidden, signal, say: () => undefined })
  }

  it('runs in the folder of the service', async () => {
    await run([process.execPath, '-e', "require('fs').writeFileSync('out', '')"])
    await expect(rm(join(folder, 'out'))).resolves.toBeUndefined()
  })

  it('shows its last lines when it fails, and never gets the token', async () => {
    const script =
      "console.log('token', process.env.SLUICE_TOKEN); console.error('no such module'); process.exit(3)"
    await expect(run([process.execPath, '-e', script])).rejects.toThrow(
      /ended with code 3.*token undefined.*no such module/s,
    )
  })

  it('that does not exist is told apart from one that fails', async () => {
    await expect(run(['no-such-program-anywhere'])).rejects.toThrow('there is no such program')
  })
})
