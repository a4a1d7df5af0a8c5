import { describe, expect, it } from 'vitest'
import { formatPath } from '../../blueprint/path.ts'
import type { Renderer } from '../rendered-file.ts'
import { inputOf } from '../testing/render-input.ts'
import { textOfFile } from './file-text.ts'
import { type LineOrigin, originsOf } from './origins.ts'

const YAML = `project: shop
accounts:
  prod: { id: '111111111111', region: eu-central-1 }
services:
  api:
    image: registry.example.com/api:1
    config: { LOG_LEVEL: info, GREETING: hello }
    files: { /etc/app.json: ./app.json }
  web:
    image: registry.example.com/web:1
    ingress: [shop.example.com, www.example.com]
    after: [api]
    scaling: { min: 2, max: 4 }
environments:
  dev: { target: kubernetes }
  prod: { target: kubernetes, database: true, monitoring: { prometheus: 'http://p.monitoring:9090' } }
`

/** A line for everything that a blueprint may say in another way. */
const renderText: Renderer = ({ blueprint }) =>
  blueprint.environments.flatMap(({ name: environment, settings, account, services }) =>
    services.map(({ name, spec, settings: own, image = '' }) => ({
      path: `text/${environment}/${name}.txt`,
      environment,
      text: () =>
        [
          'fixed',
          `name ${blueprint.project}-${environment}-${name}`,
          `port ${spec.port}`,
          `image ${image}`,
          `account ${account?.id ?? 'none'} ${settings.region ?? 'none'}`,
          ...Object.entries(spec.config).map(([key, value]) => `${key}=${value}`),
          ...spec.ingress.map(({ host }) => `host ${host ?? 'any'}`),
          ...Object.values(spec.files).flatMap(content => content.split('\n')),
          own.scaling === false ? 'not scaled' : `scaled ${own.scaling.min}-${own.scaling.max}`,
          `database ${settings.database === false ? 'none' : settings.database.version}`,
          `grace ${spec.graceSeconds} of ${spec.graceSeconds * 2}`,
          `target ${ordinal(settings.kubernetes.switch)}`,
          '',
        ].join('\n'),
    })),
  )

/** Fails for what is no valid blueprint, as a renderer may. */
function ordinal(text: string): number {
  const position = ['ingress', 'gateway', 'service'].indexOf(text)
  if (position === -1) throw new Error(`${text} is not known`)
  return position
}

const input = inputOf(YAML)

function ask(path: string, line?: number): readonly LineOrigin[] {
  return originsOf({
    blueprint: input.blueprint,
    environment: path.split('/')[1] ?? '',
    textFor: textOfFile(renderText, { input, path }),
    ...(line === undefined ? {} : { line }),
  })
}

function fieldsOf(path: string, text: string): readonly string[] {
  const lines = textOfFile(renderText, { input, path })(input.blueprint)?.split('\n') ?? []
  const line = lines.findIndex(each => each.startsWith(text)) + 1
  expect(line, `a line that begins with ${text}`).toBeGreaterThan(0)
  return ask(path, line).map(({ field }) => formatPath(field))
}

describe('where a rendered line comes from', () => {
  it.each([
    ['text/prod/api.txt', 'port', ['services.api.port']],
    ['text/prod/api.txt', 'image', ['services.api.image']],
    ['text/prod/api.txt', 'LOG_LEVEL', ['services.api.config.LOG_LEVEL']],
    ['text/prod/web.txt', 'host www', ['services.web.ingress']],
    [
      'text/prod/web.txt',
      'scaled',
      ['services.web.scaling.min', 'services.web.scaling.max', 'services.web.scaling'],
    ],
    ['text/prod/api.txt', 'not scaled', ['services.api.scaling']],
    ['text/prod/api.txt', '{}', ['services.api.files["/etc/app.json"]']],
    ['text/prod/api.txt', 'database', ['environments.prod.database.version', 'environments.prod.database']],
    ['text/dev/api.txt', 'database', ['environments.dev.database']],
    ['text/dev/api.txt', 'target', ['environments.dev.kubernetes.switch']],
    [
      'text/prod/api.txt',
      'account',
      ['environments.prod.region', 'accounts.prod.id', 'accounts.prod.region'],
    ],
    ['text/prod/api.txt', 'fixed', []],
  ])('%s, %s', (path, text, fields) => {
    expect([...fieldsOf(path, text)].toSorted()).toEqual([...fields].toSorted())
  })

  it('follows names, the project’s too', () => {
    expect([...fieldsOf('text/prod/web.txt', 'name')].toSorted()).toEqual([
      'environments.prod',
      'project',
      'services.web',
    ])
  })

  it('puts the field first that changes the fewest lines', () => {
    const lines = ask('text/prod/web.txt').map(origin => origin.lines.length)
    expect(lines).toEqual(lines.toSorted((a, b) => a - b))
  })

  it('says of one line what it says of the whole file', () => {
    for (const path of ['text/dev/api.txt', 'text/prod/web.txt']) {
      const whole = ask(path)
      for (let line = 1; line <= 12; line++) {
        const expected = whole
          .filter(({ lines }) => lines.includes(line))
          .map(({ field }) => formatPath(field))
        const found = ask(path, line).map(({ field }) => formatPath(field))
        expect(found.toSorted(), `${path}:${line}`).toEqual(expected.toSorted())
      }
    }
  })

  it('finds nothing for a file that is not rendered', () => {
    expect(ask('text/nowhere/api.txt')).toEqual([])
  })
})
