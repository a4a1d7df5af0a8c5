// node render-cdk8s-process.ts SERVICES FOLDER: the objects of a fleet with cdk8s, one chart an environment. Run from the
// folder that cdk8s is installed in, for it is no dependency.
import { createRequire } from 'node:module'
import { fleetOf } from './render/fleet.ts'
import { type FleetObject, fleetObjects } from './render/fleet-objects.ts'

/** As much of cdk8s as is used here. */
interface Cdk8s {
  readonly App: new (options: { readonly outdir: string }) => { synth(): void }
  readonly Chart: new (scope: object, id: string) => object
  readonly ApiObject: new (scope: object, id: string, object: FleetObject) => object
}

const { App, Chart, ApiObject }: Cdk8s = createRequire(import.meta.url)('cdk8s')
const [services = '', outdir = ''] = process.argv.slice(2)
const fleet = fleetOf(Number(services))
const app = new App({ outdir })
const objects = fleet.environments.flatMap(environment => {
  const chart = new Chart(app, environment.name)
  return fleet.services.flatMap(service =>
    fleetObjects(service, environment).map(
      object => new ApiObject(chart, `${service.name}-${object.kind}`, object),
    ),
  )
})
app.synth()
console.log(`${objects.length} objects`)
