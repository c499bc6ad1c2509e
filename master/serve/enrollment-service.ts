import { Failure } from '../../lib/failure.ts'
import type { EnrollmentHandlers } from '../../proto/gen/drover/v1/Enrollment.ts'
import { join } from '../authority/enroll.ts'
import type { Handlers } from './handlers.ts'
import type { Serving } from './serving.ts'

/** What is called by who has no certificate yet. */
export function enrollmentService({ enrolling, log }: Serving): Handlers<EnrollmentHandlers> {
  return {
    async Join(request, { peer }) {
      try {
        return await join(enrolling, request)
      } catch (error) {
        // Refused ones are worth a line: somebody tries.
        if (error instanceof Failure) log.warn('join refused', { address: peer.address, why: error.message })
        throw error
      }
    },
  }
}
