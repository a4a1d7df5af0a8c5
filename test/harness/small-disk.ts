import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lacks, needs } from './needs.ts'

const CHUNK = Buffer.alloc(4096)

/** A file system of its own, of a few megabytes, that really is full or read-only when it is said to be. */
export interface SmallDisk {
  readonly folder: string
  /** Leaves so many free bytes at the most (rounded to blocks). */
  fill(freeBytes?: number): void
  /** Gives back what `fill` took. */
  free(): void
  /** As the system does it after an error of the disk: at once, whoever has files open for writing. */
  makeReadOnly(): void
  /** Writable again, which only works once no file is open. */
  makeWritable(): void
  end(): Promise<void>
}

/** Whether this machine lets a test have file systems of its own. */
export function canMakeDisks(): boolean {
  if (process.platform !== 'linux')
    return lacks('this is not Linux, and small file systems are made with its loop devices')
  if (process.getuid?.() !== 0) return lacks('only root may mount small file systems; run the tests as root')
  return needs('mkfs.ext4', 'apt-get install e2fsprogs') && needs('losetup', 'apt-get install util-linux')
}

export async function makeDisk(megabytes: number): Promise<SmallDisk> {
  const place = await mkdtemp(join(tmpdir(), 'sluice-disk-'))
  const image = join(place, 'image')
  const folder = join(place, 'disk')
  const ballast = join(folder, '.ballast')
  await mkdir(folder)
  run('truncate', '--size', `${megabytes}M`, image)
  run('mkfs.ext4', '-q', '-m', '0', '-O', '^has_journal', image)
  const mount = (): void => run('mount', '-o', 'loop,noatime', image, folder)
  mount()
  let isMounted = true
  return {
    folder,
    fill(freeBytes = 0) {
      const file = openSync(ballast, 'a')
      try {
        for (;;) writeSync(file, CHUNK)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      } finally {
        closeSync(file)
      }
      if (freeBytes > 0) run('truncate', '--size', `-${freeBytes}`, ballast)
    },
    free: () => rmSync(ballast, { force: true }),
    makeReadOnly: () => run('mount', '-o', 'remount,abort', folder),
    makeWritable() {
      run('umount', folder)
      isMounted = false
      mount()
      isMounted = true
    },
    async end() {
      // Lazily: what a killed process has open may still be on its way out.
      if (isMounted) run('umount', '--lazy', folder)
      await rm(place, { recursive: true, maxRetries: 5 })
    },
  }
}

function run(program: string, ...words: readonly string[]): void {
  execFileSync(program, words, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  })
}
