import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { EnrollmentClient as _drover_v1_EnrollmentClient, EnrollmentDefinition as _drover_v1_EnrollmentDefinition } from './drover/v1/Enrollment.ts';
import type { InviteProof as _drover_v1_InviteProof, InviteProof__Output as _drover_v1_InviteProof__Output } from './drover/v1/InviteProof.ts';
import type { JoinRequest as _drover_v1_JoinRequest, JoinRequest__Output as _drover_v1_JoinRequest__Output } from './drover/v1/JoinRequest.ts';
import type { JoinResponse as _drover_v1_JoinResponse, JoinResponse__Output as _drover_v1_JoinResponse__Output } from './drover/v1/JoinResponse.ts';
import type { RecoverProof as _drover_v1_RecoverProof, RecoverProof__Output as _drover_v1_RecoverProof__Output } from './drover/v1/RecoverProof.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  drover: {
    v1: {
      Enrollment: SubtypeConstructor<typeof grpc.Client, _drover_v1_EnrollmentClient> & { service: _drover_v1_EnrollmentDefinition }
      InviteProof: MessageTypeDefinition<_drover_v1_InviteProof, _drover_v1_InviteProof__Output>
      JoinRequest: MessageTypeDefinition<_drover_v1_JoinRequest, _drover_v1_JoinRequest__Output>
      JoinResponse: MessageTypeDefinition<_drover_v1_JoinResponse, _drover_v1_JoinResponse__Output>
      RecoverProof: MessageTypeDefinition<_drover_v1_RecoverProof, _drover_v1_RecoverProof__Output>
    }
  }
}

