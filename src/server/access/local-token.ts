import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { Clock, Store } from '../../engine/ports.ts'
import type { Token } from '../../model/review.ts'
import { hashToken, isValidAt, mintToken } from './token.ts'

/** A year: the local token lies in a folder that only its owner reads. */
const LOCAL_TOKEN_MILLISECONDS = 365 * 24 * 3600 * 1000

interface LocalToken {
  readonly file: string
  readonly person: string
  readonly clock: Clock
}

/**
 * The token of the person at this machine, in a file of mode 0600; made anew when it is missing, expired or of another
 * database. Returns its id. Servers that share the folder and start at once agree on one.
 */
export async function ensureLocalToken(store: Store, o: LocalToken): Promise<string> {
  for (;;) {
    const present = await readFile(o.file, 'utf8').catch(() => undefined)
    const now = o.clock.now()
    const known = (await store.tokens()).find(token => token.hash === hashToken(present?.trim() ?? ''))
    if (known !== undefined && isValidAt(known, now)) return known.id
    const { text, token } = await recordToken(store, o)
    if (await putInPlace(o.file, { text, replace: present !== undefined })) return token.id
    // Another server's was first: this one's text is kept nowhere.
  }
}

async function recordToken(
  store: Store,
  { person, clock }: LocalToken,
): Promise<{ readonly text: string; readonly token: Token }> {
  const now = clock.now()
  const expiresAt = now + LOCAL_TOKEN_MILLISECONDS
  const { text, token } = mintToken({ name: person, kind: 'person', roles: ['admin'], expiresAt, now })
  const entry = {
    at: now,
    actor: 'sluice',
    kind: 'token.created' as const,
    message: `local token for ${person}`,
    data: { token: token.id },
  }
  await store.record([{ kind: 'token', value: token }], [entry])
  return { text, token }
}

/** Whole or not at all, for whoever reads meanwhile; false where the file is there and must not be replaced. */
async function putInPlace(
  file: string,
  { text, replace }: { readonly text: string; readonly replace: boolean },
): Promise<boolean> {
  const unfinished = `${file}.${randomUUID()}`
  await writeFile(unfinished, `${text}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await (replace ? rename(unfinished, file) : link(unfinished, file))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(unfinished, { force: true })
  }
}
