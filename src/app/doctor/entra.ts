import { errorText, type Finding, failed, notChecked, ok } from '#core/doctor/finding'
import { defaultTiming } from '#core/util/default-timings'
import { openEntra } from '#src/app/identity'
import type { Config } from '#src/config/load'
import type { Entra } from '#src/identity/entra-people'

/** Id of no account: Graph answers that there is none, if the app may read accounts. */
const nobody = '00000000-0000-0000-0000-000000000000'

/** Checks that Microsoft Entra gives the program a token, and that it may read people with it. */
export async function diagnoseEntra(
  settings: NonNullable<Config['directory']['entra']>,
  clientSecret: string,
): Promise<Finding[]> {
  const { clientId, tenant } = settings
  const entra = openEntra(settings, clientSecret, defaultTiming)
  const consent = `az ad app permission admin-consent --id ${clientId}`
  try {
    await entra.check()
  } catch (error) {
    const why = errorText(error)
    const isSecret = /invalid_client/.test(why)
    const mend = isSecret
      ? `az ad app credential reset --id ${clientId}, and its password into ENTRA_CLIENT_SECRET`
      : `the app has to be in the tenant ${tenant}, with the consent of an admin: ${consent}`
    const permission = notChecked('Entra permissions', 'there is no token', 'run doctor again')
    if (/Graph: HTTP 403/.test(why))
      return [
        ok('Entra token', 'the app gets one'),
        failed('Entra permissions', 'it may not read the organisation', consent),
      ]
    return [failed('Entra token', why, mend), permission]
  }
  return [ok('Entra token', 'the app gets one'), await diagnosePermissions(entra, tenant, consent)]
}

async function diagnosePermissions(entra: Entra, tenant: string, consent: string): Promise<Finding> {
  const check = 'Entra permissions'
  try {
    await entra.account({ platform: 'teams', team: tenant, user: nobody })
    return ok(check, 'people and groups can be read')
  } catch (error) {
    const needed = 'User.Read.All and GroupMember.Read.All (application permissions)'
    return failed(check, `people can't be read: ${errorText(error)}`, `add ${needed}, then ${consent}`)
  }
}
