import { appendFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/harness/file-tree.ts'
import type { BundleFile } from './bundle-tree.ts'
import { readListed } from './listed-file.ts'

async function listedFile(content: string): Promise<{ path: string; listed: BundleFile }> {
  const path = join(await temporaryFolder(), 'app.js')
  await writeFile(path, content)
  const { size, mtimeNs } = await stat(path, { bigint: true })
  const listed = {
    kind: 'file',
    path: 'app.js',
    bytes: Number(size),
    executable: false,
    changedNs: mtimeNs,
  } as const
  return { path, listed }
}

async function read(path: string, listed: BundleFile): Promise<{ content: string; problems: unknown[] }> {
  const problems: unknown[] = []
  const chunks: Buffer[] = []
  for await (const chunk of readListed(path, listed, problem => problems.push(problem))) chunks.push(chunk)
  return { content: Buffer.concat(chunks).toString(), problems }
}

it('reads a file that is as it was listed', async () => {
  const { path, listed } = await listedFile('x'.repeat(600_000))
  expect(await read(path, listed)).toEqual({ content: 'x'.repeat(600_000), problems: [] })
})

it('reports a file that has grown, and reads no more of it than was listed', async () => {
  const { path, listed } = await listedFile('12345')
  await appendFile(path, '678')
  expect(await read(path, listed)).toEqual({ content: '12345', problems: ['changed'] })
})

it('reports a file that has shrunk, and makes up for what is missing', async () => {
  const { path, listed } = await listedFile('12345')
  await writeFile(path, '12')
  expect(await read(path, listed)).toEqual({ content: '12\0\0\0', problems: ['changed'] })
})

it('follows no link that has taken the place of the file', async () => {
  const { path, listed } = await listedFile('12345')
  await rm(path)
  await symlink('/etc/hostname', path)
  const { content, problems } = await read(path, listed)
  expect(content).toBe('\0\0\0\0\0')
  expect(problems).toMatchObject([{ code: 'ELOOP' }])
})
