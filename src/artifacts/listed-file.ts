import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { BundleFile } from './bundle-tree.ts'

const CHUNK_BYTES = 256 * 1024
// Between listing and opening, the file may have become a link, or a pipe that would block for ever.
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Yields exactly as many bytes as were listed, since a tar says a file's size before its content. A file that is
 * no longer as listed, or fails to be read, is reported and made up with zeros.
 */
export async function* readListed(
  path: string,
  listed: BundleFile,
  report: (problem: unknown) => void,
): AsyncGenerator<Buffer, void> {
  let missing = listed.bytes
  try {
    await using file = await open(path, OPEN_FLAGS)
    while (missing > 0) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(missing, CHUNK_BYTES)))
      if (bytesRead === 0) break
      missing -= bytesRead
      yield buffer.subarray(0, bytesRead)
    }
    if (missing > 0 || !(await isAsListed(file, listed))) report('changed')
  } catch (error) {
    report(error)
  }
  for (; missing > 0; missing -= CHUNK_BYTES) yield Buffer.alloc(Math.min(missing, CHUNK_BYTES))
}

async function isAsListed(file: FileHandle, listed: BundleFile): Promise<boolean> {
  const { size, mtimeNs } = await file.stat({ bigint: true })
  return Number(size) === listed.bytes && mtimeNs === listed.changedNs
}
