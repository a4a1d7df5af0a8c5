import { Api } from '../api/client.ts'
import { readLocalToken } from '../project-folder.ts'

/** Everybody who has a part in the demo, each with a token of their own. */
export interface People {
  /** Made the releases. */
  readonly ada: Api
  readonly ci: Api
  readonly operator: Api
  readonly peer: Api
  readonly business: Api
  readonly quality: Api
}

const DAY_SECONDS = 86_400

export async function invitePeople(server: {
  readonly url: string
  readonly stateFolder: string
  readonly signal: AbortSignal
}): Promise<People> {
  const url = new URL(server.url)
  const as = (token: string): Api => new Api({ url, token, signal: server.signal, verbatim: true })
  const admin = as(readLocalToken(server.stateFolder) ?? '')
  const invite = async (name: string, kind: 'person' | 'automation', role: string): Promise<Api> => {
    const made = await admin.post<{ readonly token: string }>('/tokens', {
      name,
      kind,
      roles: [role],
      expiresSeconds: DAY_SECONDS,
    })
    return as(made.token)
  }
  return {
    ada: await invite('ada', 'person', 'developer'),
    ci: await invite('ci', 'automation', 'ci'),
    operator: await invite('olga', 'person', 'operator'),
    peer: await invite('dev', 'person', 'developer'),
    business: await invite('pat', 'person', 'product'),
    quality: await invite('quinn', 'person', 'qa'),
  }
}
