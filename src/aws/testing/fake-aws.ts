import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeAwsRequest {
  /** Method and path. */
  readonly line: string
  /** The form of an STS request. */
  readonly form: URLSearchParams
}

export interface FakeAwsAnswer {
  readonly status: number
  readonly body: string
  /** The error's name, for services that answer JSON. */
  readonly errorType?: string
}

/** Answers in the form of AWS's APIs what a test decides, and remembers what it was asked. */
export async function startFakeAws(answer: (request: FakeAwsRequest) => FakeAwsAnswer) {
  const requests: FakeAwsRequest[] = []
  const reply = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request = {
      line: `${incoming.method} ${incoming.url}`,
      form: new URLSearchParams(await bodyOf(incoming)),
    }
    requests.push(request)
    const { status, body, errorType } = answer(request)
    response.writeHead(status, errorType === undefined ? {} : { 'x-amzn-errortype': errorType }).end(body)
  }
  const server = createServer((incoming, response) => void reply(incoming, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** An error of STS (Query protocol). */
export function queryError(name: string, message: string): FakeAwsAnswer {
  const error = `<Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error>`
  return { status: 403, body: `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>` }
}

/** An error of EKS (REST and JSON). */
export function jsonError(status: number, name: string, message: string): FakeAwsAnswer {
  return { status, errorType: name, body: JSON.stringify({ message }) }
}

/** Keys of a session that ends at `end`. */
export function assumedRole(accessKeyId: string, end: Date): FakeAwsAnswer {
  const credentials = [
    `<AccessKeyId>${accessKeyId}</AccessKeyId>`,
    '<SecretAccessKey>secret</SecretAccessKey>',
    '<SessionToken>session</SessionToken>',
    `<Expiration>${end.toISOString()}</Expiration>`,
  ].join('')
  const result = `<AssumeRoleResult><Credentials>${credentials}</Credentials></AssumeRoleResult>`
  return { status: 200, body: `<AssumeRoleResponse>${result}</AssumeRoleResponse>` }
}
