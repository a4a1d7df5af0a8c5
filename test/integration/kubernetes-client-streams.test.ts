import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cluster, PodLogLine, ProxyRequest } from '../../src/targets/kubernetes/api/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { needsKubernetes, type StartedKubernetes, startKubernetes } from '../harness/kubernetes.ts'
import { clusterOf } from '../harness/kubernetes-client.ts'
import { type StandInKubelet, startStandInKubelet } from '../harness/stand-in-kubelet.ts'

async function all(lines: AsyncIterable<PodLogLine>): Promise<readonly PodLogLine[]> {
  const read: PodLogLine[] = []
  for await (const line of lines) read.push(line)
  return read
}

describe.runIf(needsKubernetes())('what goes through the API server', () => {
  const signal = AbortSignal.timeout(600_000)
  let kubernetes: StartedKubernetes
  let cluster: Cluster
  let kubelet: StandInKubelet
  let logs: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>
  let application: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

  beforeAll(async () => {
    kubernetes = await startKubernetes()
    cluster = await clusterOf({ kubernetes, namespace: 'shop' })
    kubelet = await startStandInKubelet({
      kubernetes,
      namespace: 'shop',
      logs: (request, response) => void logs(request, response),
      application: (request, response) => void application(request, response),
    })
  })
  afterAll(async () => {
    await cluster?.close()
    await kubelet?.stop()
    await kubernetes?.stop()
  })

  const ask = async (o: Partial<ProxyRequest> & { readonly path: string }) => {
    const to = { kind: 'pods', name: kubelet.pod, port: kubelet.port } as const
    return await cluster.proxy({ to, method: 'GET', headers: {}, signal, ...o })
  }

  it('reads the past of a log, with the time of each line', async () => {
    let asked = ''
    logs = (request, response) => {
      asked = request.url ?? ''
      response.end('2026-11-23T20:01:02.123456789Z first\n2026-11-23T20:01:02.5Z second: with  spaces \n')
    }
    const options = { container: 'web', follow: false, tail: 20, previous: true, signal }
    const lines = await all(cluster.logs(kubelet.pod, options))
    expect(lines).toEqual([
      { at: Date.parse('2026-11-23T20:01:02.123Z'), text: 'first' },
      { at: Date.parse('2026-11-23T20:01:02.500Z'), text: 'second: with  spaces ' },
    ])
    expect(asked).toMatch(
      /^\/containerLogs\/shop\/stand-in\/web\?.*previous=true.*tailLines=20.*timestamps=true/,
    )
  })

  it('follows a log until it is told to end', async () => {
    let written: ServerResponse | undefined
    logs = (_, response) => {
      written = response
      response.write('2026-11-23T20:01:02Z one\n')
    }
    const end = new AbortController()
    const seen: PodLogLine[] = []
    const following = (async () => {
      const options = { container: 'web', follow: true, tail: 1, signal: end.signal }
      for await (const line of cluster.logs(kubelet.pod, options)) seen.push(line)
    })()
    await eventually('the past came', () => seen.length === 1)
    written?.write('2026-11-23T20:01:03Z two\n')
    await eventually('the present came', () => seen.length === 2)
    end.abort()
    await following
    expect(seen.map(line => line.text)).toEqual(['one', 'two'])
  })

  it('says in words why there is no log', async () => {
    const options = { container: 'other', follow: false, tail: 1, signal }
    await expect(all(cluster.logs(kubelet.pod, options))).rejects.toThrow(
      'logs of Pod stand-in: container other is not valid for pod stand-in',
    )
    await expect(all(cluster.logs('none', options))).rejects.toThrow(/pods "none" not found/)
  })

  it('passes a request on, and the answer back as it is', async () => {
    application = (request, response) => {
      const { method, url, headers } = request
      response.writeHead(418, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] })
      response.end(
        JSON.stringify({ method, url, name: headers['x-name'], credentials: headers.authorization }),
      )
    }
    const headers = { 'x-name': 'shop', connection: 'close', authorization: 'Basic abc' }
    const answer = await ask({ path: '/preview/a%20b?c=d&e', method: 'DELETE', headers })
    expect(answer.status).toBe(418)
    expect(answer.headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'] })
    // The API server keeps its own credentials, and has no place for the application's.
    expect(JSON.parse(await text(answer.body))).toEqual({
      method: 'DELETE',
      url: '/preview/a%20b?c=d&e',
      name: 'shop',
    })
  })

  it('passes on what is sent piece by piece', async () => {
    application = async (request, response) => {
      response.end(String((await text(request)).length))
    }
    const pieces = Array.from({ length: 2000 }, () => 'piece '.repeat(100))
    const answer = await ask({ path: '/count', method: 'POST', body: Readable.from(pieces) })
    expect(await text(answer.body)).toBe(String(pieces.join('').length))
  })

  it('passes an answer on while it still comes', async () => {
    let answering: ServerResponse | undefined
    application = (_, response) => {
      answering = response
      response.write('first;')
    }
    const { body } = await ask({ path: '/events' })
    const [first] = await once(body, 'data')
    expect(String(first)).toBe('first;')
    answering?.end('second')
    expect(await text(body)).toBe('second')
  })

  it('gives the status of what is not there, and throws none', async () => {
    const to = { kind: 'pods', name: 'none', port: '80' } as const
    const answer = await ask({ path: '/', to })
    expect(answer.status).toBe(404)
    await text(answer.body)
  })
})
