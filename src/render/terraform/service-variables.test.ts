import { expect, it } from 'vitest'
import { inputOf } from '../testing/render-input.ts'
import { serviceVariables } from './service-variables.ts'

it('lets no label stand in for the tag of a service', () => {
  const input = inputOf(
    'project: shop\nservices: { web: { build: . } }\nenvironments: { dev: { target: ecs, region: eu-central-1 } }',
  )
  const [environment] = input.blueprint.environments
  const [service] = environment?.services ?? []
  if (environment === undefined || service === undefined) throw new Error('there is no service')
  const settings = { ...service.settings, labels: { team: 'shop', Service: 'other' } }
  const labelled = { ...environment, services: [{ ...service, settings }] }
  expect(serviceVariables(input, labelled)['web']).toMatchObject({ tags: { team: 'shop', Service: 'web' } })
})
