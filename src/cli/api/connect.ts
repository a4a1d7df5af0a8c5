import { UserError } from '../../model/user-error.ts'
import type { Context } from '../context.ts'
import { findStateFolder, readLocalToken, readServerFile } from '../project-folder.ts'
import { WrongUse } from '../wrong-use.ts'
import { Api } from './client.ts'

/** The server that the flags, the environment or this folder name; nothing is sent yet. */
export function connect(context: Context): Api {
  const stateFolder = findStateFolder(context.folder, context.blueprintFile)
  const local = stateFolder === undefined ? undefined : readServerFile(stateFolder)
  const url = serverUrl(context.server ?? local?.url, context.folder)
  // The token of this folder is for the server of this folder only.
  const isLocal = stateFolder !== undefined && local !== undefined && new URL(local.url).origin === url.origin
  const token = context.environment.SLUICE_TOKEN ?? (isLocal ? readLocalToken(stateFolder) : undefined)
  return new Api({
    url,
    ...(token === undefined ? {} : { token }),
    signal: context.signal,
    verbatim: context.output.json,
  })
}

function serverUrl(text: string | undefined, folder: string): URL {
  if (text === undefined) {
    throw new UserError(
      folder,
      'no Sluice server runs for this folder',
      'start one with `sluice up` in the folder of the blueprint, or name one with --server or SLUICE_SERVER',
    )
  }
  const url = URL.parse(text)
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new WrongUse(
    `--server ${text}`,
    'this is no http or https address',
    'write it as http://127.0.0.1:7777',
  )
}
