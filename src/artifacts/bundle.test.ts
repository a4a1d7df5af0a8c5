import { execFile } from 'node:child_process'
import {
  chmod,
  link as hardLink,
  mkdir,
  readFile,
  rename,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import {
  type FileTree,
  file,
  link,
  program,
  temporaryFolder,
  writeTree,
} from '../../test/harness/file-tree.ts'
import { createBundle } from './bundle.ts'

const run = promisify(execFile)

async function bundle(folder: string, limits?: { files: number; bytes: number }) {
  const out = join(await temporaryFolder(), 'bundle.tar')
  const made = await createBundle({
    folder,
    projectFolder: folder,
    out,
    ...(limits === undefined ? {} : { limits }),
  })
  return { made, out }
}

async function names(tree: FileTree): Promise<string[]> {
  const folder = await temporaryFolder()
  await writeTree(folder, tree)
  const { made, out } = await bundle(folder)
  expect(made).toMatchObject({ kind: 'bundle' })
  const { stdout } = await run('tar', ['-tf', out])
  return stdout.trim().split('\n')
}

async function refusals(folder: string, limits?: { files: number; bytes: number }): Promise<string[]> {
  const { made, out } = await bundle(folder, limits)
  if (made.kind !== 'refused') throw new Error('the folder was bundled')
  await expect(readFile(out)).rejects.toThrow('ENOENT')
  for (const { remedy } of made.problems) expect(remedy).not.toBe('')
  return made.problems.map(({ reason, path }) => `${reason} ${path}`)
}

it('has a digest that does not change between versions of Sluice', async () => {
  const folder = await temporaryFolder()
  await writeTree(folder, {
    'bin/start': program('#!/bin/sh\n'),
    README: file('hello\n'),
    current: link('bin/start'),
    [`${'long/'.repeat(40)}name`]: file(''),
    é: file('accent'),
  })
  const { made } = await bundle(folder)
  expect(made).toEqual({
    kind: 'bundle',
    digest: 'sha256:76fdbdcd07192530ae226d884a3f80707c92fae8ae42e268cab7935af5578d61',
    bytes: 6144,
  })
})

it('stores files sorted by their bytes, without times, owners, folders and group permissions', async () => {
  const folder = await temporaryFolder()
  await writeTree(folder, { 'b/run': program('x'), 'b-c': file('y'), B: file('z'), a: link('b/run') })
  await mkdir(join(folder, 'empty'))
  await chmod(join(folder, 'B'), 0o660)
  const { out } = await bundle(folder)
  const { stdout } = await run('tar', ['-tvf', out, '--numeric-owner', '--utc'])
  expect(stdout.trim().split('\n')).toEqual([
    '-rw-r--r-- 0/0               1 1970-01-01 00:00 B',
    'lrwxr-xr-x 0/0               0 1970-01-01 00:00 a -> b/run',
    '-rw-r--r-- 0/0               1 1970-01-01 00:00 b-c',
    '-rwxr-xr-x 0/0               1 1970-01-01 00:00 b/run',
  ])
})

it('leaves out what .dockerignore names, and .git and .sluice at any depth', async () => {
  const left = await names({
    '.dockerignore': file('node_modules\n*.log\n!keep.log\n'),
    '.git/HEAD': file(''),
    '.sluice/state': file(''),
    'sub/.git': file('gitdir: elsewhere'),
    'sub/.sluice/x': file(''),
    'node_modules/a/index.js': file(''),
    'node_modules/escape': link('../../..'),
    'debug.log': file(''),
    'keep.log': file(''),
    'server.js': file(''),
  })
  expect(left).toEqual(['.dockerignore', 'keep.log', 'server.js'])
})

it('finds what .dockerignore takes back inside an ignored folder', async () => {
  const tree = {
    '.dockerignore': file('*\n!dist/app.js'),
    'dist/app.js': file(''),
    'dist/other.js': file(''),
  }
  expect(await names(tree)).toEqual(['dist/app.js'])
})

it('names every problem of a folder at once', async () => {
  const folder = await temporaryFolder()
  await writeTree(folder, {
    absolute: link('/etc/passwd'),
    outside: link('../secret'),
    up: link('a/b/c'),
    'a/b/c': link('../..'),
    roundabout: link('up/..'),
    'new\nline': file(''),
    'back\\slash': file(''),
    'odd-target': link('a\\b'),
  })
  await run('mkfifo', [join(folder, 'pipe')])
  await writeFile(Buffer.concat([Buffer.from(`${folder}/latin-`), Buffer.from([0xe9])]), '')
  let deep = folder
  for (let depth = 0; depth < 11; depth++) {
    deep = join(deep, 'd'.repeat(100))
    await mkdir(deep)
  }
  const socket = createServer()
  await new Promise<void>(resolve => socket.listen(join(folder, 'socket'), resolve))
  try {
    expect(await refusals(folder)).toEqual([
      'absolute-link absolute',
      'name back\\slash',
      `path-too-long ${Array(11).fill('d'.repeat(100)).join('/')}`,
      'name latin-\uFFFD',
      'name new\\u000aline',
      'name odd-target',
      'escaping-link outside',
      'special-file pipe',
      'escaping-link roundabout',
      'special-file socket',
    ])
  } finally {
    await new Promise(resolve => socket.close(resolve))
  }
})

it('stores a hard link as a file of its own', async () => {
  const folder = await temporaryFolder()
  await writeTree(folder, { first: file('same') })
  await hardLink(join(folder, 'first'), join(folder, 'second'))
  const { out } = await bundle(folder)
  const { stdout } = await run('tar', ['-xOf', out, 'second'])
  expect(stdout).toBe('same')
})

it('refuses a folder that holds too many files or too many bytes', async () => {
  const folder = await temporaryFolder()
  await writeTree(folder, { one: file('12345'), two: file('67890') })
  expect(await refusals(folder, { files: 1, bytes: 100 })).toEqual(['too-many-files .'])
  expect(await refusals(folder, { files: 2, bytes: 9 })).toEqual(['too-large .'])
  expect((await bundle(folder, { files: 2, bytes: 10 })).made).toMatchObject({ kind: 'bundle' })
})

it('refuses a folder in which nothing is left', async () => {
  const folder = await temporaryFolder()
  await writeTree(folder, { '.dockerignore': file('**'), a: file('') })
  expect(await refusals(folder)).toEqual(['empty .'])
})

it('refuses a .dockerignore with a pattern that has no meaning, and one that is a link', async () => {
  const folder = await temporaryFolder()
  await writeTree(folder, { '.dockerignore': file('fine\n[a\n'), app: file('') })
  expect(await refusals(folder)).toEqual(['ignore-file .dockerignore:2'])
  await rename(join(folder, '.dockerignore'), join(folder, 'other'))
  await symlink('other', join(folder, '.dockerignore'))
  expect(await refusals(folder)).toEqual(['ignore-file .dockerignore'])
})

it('refuses a folder that is not there or lies outside the project, also by way of a link', async () => {
  const [project, elsewhere] = [await temporaryFolder(), await temporaryFolder()]
  await writeTree(elsewhere, { app: file('') })
  await symlink(elsewhere, join(project, 'linked'))
  const out = join(await temporaryFolder(), 'out')
  const make = (folder: string) => createBundle({ folder, projectFolder: project, out })
  expect(await make(join(project, 'none'))).toMatchObject({
    problems: [{ reason: 'no-folder', path: 'none' }],
  })
  expect(await make(join(project, 'linked'))).toMatchObject({ problems: [{ reason: 'outside-project' }] })
  expect(await make(elsewhere)).toMatchObject({ problems: [{ reason: 'outside-project' }] })
})

it('says paths as they are seen from the project', async () => {
  const project = await temporaryFolder()
  await writeTree(project, { 'apps/web/bad': link('/') })
  const out = join(project, 'out')
  const made = await createBundle({ folder: join(project, 'apps/web'), projectFolder: project, out })
  expect(made).toMatchObject({ problems: [{ path: 'apps/web/bad' }] })
})

it('has the same digest whatever the times', async () => {
  const folder = await temporaryFolder()
  await writeTree(folder, { app: file('x') })
  const before = await bundle(folder)
  await utimes(join(folder, 'app'), 1, 1)
  expect((await bundle(folder)).made).toEqual(before.made)
})

it('neither writes over nor removes what already stands in the place of the bundle', async () => {
  const folder = await temporaryFolder()
  await writeTree(folder, { app: file('x') })
  const out = join(await temporaryFolder(), 'precious')
  await writeFile(out, 'precious')
  await expect(createBundle({ folder, projectFolder: folder, out })).rejects.toThrow('EEXIST')
  expect(await readFile(out, 'utf8')).toBe('precious')
})
