import {
  ContentServiceClient as GrpcContentServiceClient,
  type DownloadContentRequest,
  type DownloadContentResponse,
  type GetUploadRequest,
  type GetUploadResponse,
} from '../../../gen/ts/audiosubnet/v1/content_service.js';
import {
  TaskServiceClient as GrpcTaskServiceClient,
  type BatchSubmitTasksRequest,
  type BatchSubmitTasksResponse,
  type CancelTaskRequest,
  type CancelTaskResponse,
  type DeleteTaskRequest,
  type DeleteTaskResponse,
  type GetQueueStatsRequest,
  type GetQueueStatsResponse,
  type GetTaskRequest,
  type GetTaskResponse,
  type ListTasksRequest,
  type ListTasksResponse,
  type SubmitTaskRequest,
  type SubmitTaskResponse,
  type WatchTaskRequest,
  type WatchTaskResponse,
} from '../../../gen/ts/audiosubnet/v1/task_service.js';
import {
  ValidatorIntegrationClient as GrpcValidatorIntegrationClient,
  type ClaimTasksRequest,
  type ClaimTasksResponse,
  type ExtendLeasesRequest,
  type ExtendLeasesResponse,
  type GetIntegrationInfoRequest,
  type GetIntegrationInfoResponse,
  type GetMinerRequest,
  type GetMinerResponse,
  type ListMinersRequest,
  type ListMinersResponse,
  type ReportMinersRequest,
  type ReportMinersResponse,
  type SettleTasksRequest,
  type SettleTasksResponse,
  type WatchPendingTasksRequest,
  type WatchPendingTasksResponse,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import type { Channel } from './channel.js';
import { serverStream, unary, type ServerStream, type Unary } from './promise-call.js';
import { upload, type UploadContent } from './upload.js';

export interface TaskServiceClient {
  readonly submitTask: Unary<SubmitTaskRequest, SubmitTaskResponse>;
  readonly batchSubmitTasks: Unary<BatchSubmitTasksRequest, BatchSubmitTasksResponse>;
  readonly getTask: Unary<GetTaskRequest, GetTaskResponse>;
  readonly listTasks: Unary<ListTasksRequest, ListTasksResponse>;
  readonly cancelTask: Unary<CancelTaskRequest, CancelTaskResponse>;
  readonly deleteTask: Unary<DeleteTaskRequest, DeleteTaskResponse>;
  readonly watchTask: ServerStream<WatchTaskRequest, WatchTaskResponse>;
  readonly getQueueStats: Unary<GetQueueStatsRequest, GetQueueStatsResponse>;
  close(): void;
}

export interface ContentServiceClient {
  readonly uploadContent: UploadContent;
  readonly getUpload: Unary<GetUploadRequest, GetUploadResponse>;
  readonly downloadContent: ServerStream<DownloadContentRequest, DownloadContentResponse>;
  close(): void;
}

export interface ValidatorIntegrationClient {
  readonly getIntegrationInfo: Unary<GetIntegrationInfoRequest, GetIntegrationInfoResponse>;
  readonly watchPendingTasks: ServerStream<WatchPendingTasksRequest, WatchPendingTasksResponse>;
  readonly claimTasks: Unary<ClaimTasksRequest, ClaimTasksResponse>;
  readonly extendLeases: Unary<ExtendLeasesRequest, ExtendLeasesResponse>;
  readonly settleTasks: Unary<SettleTasksRequest, SettleTasksResponse>;
  readonly reportMiners: Unary<ReportMinersRequest, ReportMinersResponse>;
  readonly listMiners: Unary<ListMinersRequest, ListMinersResponse>;
  readonly getMiner: Unary<GetMinerRequest, GetMinerResponse>;
  close(): void;
}

/** Connects when the first call is made. Clients of one channel share a connection. */
export function createTaskServiceClient({ address, credentials, options }: Channel): TaskServiceClient {
  const client = new GrpcTaskServiceClient(address, credentials, options);
  return {
    submitTask: unary<SubmitTaskRequest, SubmitTaskResponse>(client.submitTask.bind(client)),
    batchSubmitTasks: unary<BatchSubmitTasksRequest, BatchSubmitTasksResponse>(
      client.batchSubmitTasks.bind(client),
    ),
    getTask: unary<GetTaskRequest, GetTaskResponse>(client.getTask.bind(client)),
    listTasks: unary<ListTasksRequest, ListTasksResponse>(client.listTasks.bind(client)),
    cancelTask: unary<CancelTaskRequest, CancelTaskResponse>(client.cancelTask.bind(client)),
    deleteTask: unary<DeleteTaskRequest, DeleteTaskResponse>(client.deleteTask.bind(client)),
    watchTask: serverStream<WatchTaskRequest, WatchTaskResponse>(client.watchTask.bind(client)),
    getQueueStats: unary<GetQueueStatsRequest, GetQueueStatsResponse>(client.getQueueStats.bind(client)),
    close: () => {
      client.close();
    },
  };
}

export function createContentServiceClient({ address, credentials, options }: Channel): ContentServiceClient {
  const client = new GrpcContentServiceClient(address, credentials, options);
  return {
    uploadContent: upload(client.uploadContent.bind(client)),
    getUpload: unary<GetUploadRequest, GetUploadResponse>(client.getUpload.bind(client)),
    downloadContent: serverStream<DownloadContentRequest, DownloadContentResponse>(
      client.downloadContent.bind(client),
    ),
    close: () => {
      client.close();
    },
  };
}

export function createValidatorIntegrationClient({
  address,
  credentials,
  options,
}: Channel): ValidatorIntegrationClient {
  const client = new GrpcValidatorIntegrationClient(address, credentials, options);
  return {
    getIntegrationInfo: unary<GetIntegrationInfoRequest, GetIntegrationInfoResponse>(
      client.getIntegrationInfo.bind(client),
    ),
    watchPendingTasks: serverStream<WatchPendingTasksRequest, WatchPendingTasksResponse>(
      client.watchPendingTasks.bind(client),
    ),
    claimTasks: unary<ClaimTasksRequest, ClaimTasksResponse>(client.claimTasks.bind(client)),
    extendLeases: unary<ExtendLeasesRequest, ExtendLeasesResponse>(client.extendLeases.bind(client)),
    settleTasks: unary<SettleTasksRequest, SettleTasksResponse>(client.settleTasks.bind(client)),
    reportMiners: unary<ReportMinersRequest, ReportMinersResponse>(client.reportMiners.bind(client)),
    listMiners: unary<ListMinersRequest, ListMinersResponse>(client.listMiners.bind(client)),
    getMiner: unary<GetMinerRequest, GetMinerResponse>(client.getMiner.bind(client)),
    close: () => {
      client.close();
    },
  };
}
