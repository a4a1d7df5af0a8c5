import { z } from 'zod'
import * as value from './values.ts'

const ingressRule = z
  .union([
    z.string().regex(/^(?:(?:\*\.)?[a-z0-9.-]+)?\/[^\s?#*]*$|^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/),
    z.strictObject({
      host: value.hostName
        .meta({
          description:
            'Only requests for this host; `*.example.com` for any name below it. Every host when it is left out.',
          examples: ['shop.example.com'],
        })
        .optional(),
      path: value.urlPath
        .meta({
          description: 'The beginning of the path, in whole segments.',
          default: '/',
          examples: ['/api'],
        })
        .optional(),
    }),
  ])
  .transform(given => {
    if (typeof given !== 'string')
      return { ...(given.host === undefined ? {} : { host: given.host }), path: given.path ?? '/' }
    const slash = given.indexOf('/')
    if (slash === 0) return { path: given }
    return slash < 0 ? { host: given, path: '/' } : { host: given.slice(0, slash), path: given.slice(slash) }
  })
  .meta({ title: 'a path, a host, or host/path', examples: ['/api', 'shop.example.com/api'] })

export const ingress = z.union([z.boolean(), ingressRule, z.array(ingressRule).max(100)]).transform(given => {
  if (given === true) return [{ path: '/' }]
  if (given === false) return []
  return Array.isArray(given) ? given : [given]
})

export const egress = z.strictObject({
  to: value.cidr.meta({ description: 'Where the service may connect to.', examples: ['10.20.64.0/18'] }),
  ports: z
    .array(value.port)
    .min(1)
    .max(50)
    .meta({ title: 'a list of ports', description: 'At which ports.', examples: [[5432]] }),
})
