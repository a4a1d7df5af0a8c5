import type { ClientCertificate } from '../access.ts'

/** By what the API server knows who asks. */
export interface Credentials {
  readonly headers: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>
  /** Undefined where there is none. */
  readonly client: (signal: AbortSignal) => Promise<ClientCertificate | undefined>
  readonly forget: () => void
}

export const bearer = (token: string): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${token.trim()}`,
})

/** Nothing that runs out, or that is read anew each time. */
export function plainCredentials(o: {
  readonly headers?: () => Promise<Readonly<Record<string, string>>>
  readonly client?: () => Promise<ClientCertificate>
}): Credentials {
  return {
    headers: async () => (await o.headers?.()) ?? {},
    client: async () => await o.client?.(),
    forget: () => undefined,
  }
}
