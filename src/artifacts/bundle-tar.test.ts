import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { file, link, temporaryFolder, writeTree } from '../../test/harness/file-tree.ts'
import { writeBundleTar } from './bundle-tar.ts'
import { BUNDLE_LIMITS, readBundleTree } from './bundle-tree.ts'
import { KEEP_ALL } from './ignore-rules.ts'

const shown = (path: string) => path

/** A place to write to that is full after so many bytes. */
function fullAfter(limit: number): Writable {
  let bytes = 0
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      done(bytes > limit ? new Error('no space left') : null)
    },
  })
}

it.each([0, 512, 20_000, 153_600, 155_000, 1_000_000])(
  'fails with the reason where only %d bytes can be written',
  async limit => {
    const folder = await temporaryFolder()
    const links = Array.from({ length: 300 }, (_, index) => [`a${index}`, link('x')] as const)
    await writeTree(folder, {
      ...Object.fromEntries(links),
      b: file('x'.repeat(3_000_000)),
      c: link('b'),
      d: file(''),
    })
    const { entries } = await readBundleTree({ folder, rules: KEEP_ALL, limits: BUNDLE_LIMITS, shown })
    await expect(writeBundleTar({ folder, entries, shown }, fullAfter(limit))).rejects.toThrow(
      'no space left',
    )
  },
)
