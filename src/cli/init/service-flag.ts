import type { StarterService } from '../../blueprint/starter.ts'
import { WrongUse } from '../wrong-use.ts'

/** `web=./web:3000` (a folder and its port) or `web=registry.example.com/web:1.4` (an image). */
export function readServiceFlag(text: string): StarterService {
  const [, name = '', source = ''] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name === '') {
    throw new WrongUse(
      `--service ${text}`,
      'it does not say what the service is made from',
      'write web=./web:3000 or web=registry.example.com/web:1.4',
    )
  }
  const [, folder, port] = /^(\.{1,2}(?:\/.*?)?)(?::(\d{1,5}))?$/.exec(source) ?? []
  if (folder === undefined) return { name, image: source }
  return { name, build: folder, ...(port === undefined ? {} : { port: Number(port) }) }
}

/** The first one is what users reach, unless a service is called like a front. */
export function withFront(services: readonly StarterService[]): readonly StarterService[] {
  const front = services.find(({ name }) => /^(?:web|www|frontend|site|gateway)$/.test(name)) ?? services[0]
  return services.map(service => ({ ...service, public: service === front }))
}
