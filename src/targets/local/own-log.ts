import { copyFileSync, fstatSync, ftruncateSync, statSync } from 'node:fs'
import { complain } from './agent/complain.ts'

const LOOK_MILLISECONDS = 1000
const STDERR = 2

/**
 * Keeps the file that this process writes its own messages to (standard error, opened for appending) within twice this
 * size: what is there moves to `PATH.1`, and the file begins anew. Another name would not help: the file stays open.
 */
export function boundOwnLog(o: { readonly path: string; readonly maxBytes: number }): { stop(): void } {
  const look = () => {
    try {
      if (isFull(o)) turnOver(o.path)
    } catch (error) {
      complain(`turning ${o.path} over`)(error)
    }
  }
  const timer = setInterval(look, LOOK_MILLISECONDS).unref()
  return { stop: () => clearInterval(timer) }
}

/** False where messages go elsewhere, as they do when a person starts the process in a terminal. */
function isFull({ path, maxBytes }: { readonly path: string; readonly maxBytes: number }): boolean {
  const written = fstatSync(STDERR)
  if (!written.isFile() || written.size <= maxBytes) return false
  const named = statSync(path, { throwIfNoEntry: false })
  return named?.ino === written.ino && named.dev === written.dev
}

function turnOver(path: string): void {
  try {
    copyFileSync(path, `${path}.1`)
  } finally {
    // Also where there is no space for the copy: an endless log would take the rest.
    ftruncateSync(STDERR, 0)
  }
}
