/** What one request, connection or caller may take, so that nobody takes the server from the others. */
export interface RequestLimits {
  /** Of a JSON body; artifacts have their own. */
  readonly bodyBytes: number
  /** Of objects and lists within each other in a JSON body. */
  readonly bodyDepth: number
  /** How long a JSON body may take to arrive. */
  readonly bodyMilliseconds: number
  /** An upload may take long, but so much has to arrive in every window of time. */
  readonly upload: { readonly windowMilliseconds: number; readonly bytes: number }
  /** How long what is left of a body is read and thrown away after its request was answered. */
  readonly lingerMilliseconds: number
  /** Of all headers together with the address. */
  readonly headerBytes: number
  readonly headerMilliseconds: number
  readonly addressCharacters: number
  /** Of a connection on which nothing moves. */
  readonly idleMilliseconds: number
  /** Of a connection between two requests; longer than load balancers keep theirs. */
  readonly keepAliveMilliseconds: number
  /** The longest upload. */
  readonly requestMilliseconds: number
  readonly connections: { readonly total: number; readonly anAddress: number }
  /** Requests with a valid token, by token. */
  readonly tokenRate: Rate
  /** Requests without one, by address. */
  readonly strangerRate: Rate
}

/** So many at once, and so many a second from then on. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

export const REQUEST_LIMITS: RequestLimits = {
  bodyBytes: 1024 ** 2,
  bodyDepth: 32,
  bodyMilliseconds: 30_000,
  upload: { windowMilliseconds: 30_000, bytes: 30 * 1024 },
  lingerMilliseconds: 5000,
  headerBytes: 16 * 1024,
  headerMilliseconds: 10_000,
  addressCharacters: 4096,
  idleMilliseconds: 60_000,
  keepAliveMilliseconds: 72_000,
  requestMilliseconds: 3_600_000,
  connections: { total: 10_000, anAddress: 5000 },
  tokenRate: { burst: 2000, perSecond: 100 },
  strangerRate: { burst: 100, perSecond: 1 },
}
