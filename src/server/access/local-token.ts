import { readFile, writeFile } from 'node:fs/promises'
import type { Clock, Store } from '../../engine/ports.ts'
import { hashToken, isValidAt, mintToken } from './token.ts'

/** A year: the local token lies in a folder that only its owner reads. */
const LOCAL_TOKEN_MILLISECONDS = 365 * 24 * 3600 * 1000

/**
 * The token of the person at this machine, in a file of mode 0600; made anew when it is missing, expired or of another
 * database. Returns its id.
 */
export async function ensureLocalToken(
  store: Store,
  o: { readonly file: string; readonly person: string; readonly clock: Clock },
): Promise<string> {
  const present = await readFile(o.file, 'utf8').catch(() => '')
  const now = o.clock.now()
  const known = (await store.tokens()).find(token => token.hash === hashToken(present.trim()))
  if (known !== undefined && isValidAt(known, now)) return known.id
  const expiresAt = now + LOCAL_TOKEN_MILLISECONDS
  const { text, token } = mintToken({ name: o.person, kind: 'person', roles: ['admin'], expiresAt, now })
  const entry = {
    at: now,
    actor: 'sluice',
    kind: 'token.created' as const,
    message: `local token for ${o.person}`,
    data: { token: token.id },
  }
  await store.record([{ kind: 'token', value: token }], [entry])
  await writeFile(o.file, `${text}\n`, { mode: 0o600 })
  return token.id
}
