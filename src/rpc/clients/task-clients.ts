import type { Metadata } from '@grpc/grpc-js';
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
  type DescribeTaskRequest,
  type DescribeTaskResponse,
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
import {
  WebhookServiceClient as GrpcWebhookServiceClient,
  type ListWebhookDeliveriesRequest,
  type ListWebhookDeliveriesResponse,
  type RedeliverWebhookRequest,
  type RedeliverWebhookResponse,
} from '../../../gen/ts/audiosubnet/v1/webhook_service.js';
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
  /** The same client, but its calls carry this too. */
  carrying(metadata: Metadata): TaskServiceClient;
  close(): void;
}

export interface ContentServiceClient {
  readonly uploadContent: UploadContent;
  readonly getUpload: Unary<GetUploadRequest, GetUploadResponse>;
  readonly downloadContent: ServerStream<DownloadContentRequest, DownloadContentResponse>;
  /** The same client, but its calls carry this too. */
  carrying(metadata: Metadata): ContentServiceClient;
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
  readonly describeTask: Unary<DescribeTaskRequest, DescribeTaskResponse>;
  /** The same client, but its calls carry this too. */
  carrying(metadata: Metadata): ValidatorIntegrationClient;
  close(): void;
}

export interface WebhookServiceClient {
  readonly listWebhookDeliveries: Unary<ListWebhookDeliveriesRequest, ListWebhookDeliveriesResponse>;
  readonly redeliverWebhook: Unary<RedeliverWebhookRequest, RedeliverWebhookResponse>;
  /** The same client, but its calls carry this too. */
  carrying(metadata: Metadata): WebhookServiceClient;
  close(): void;
}

/** Connects when the first call is made. Clients of one channel share a connection. */
export function createTaskServiceClient({
  address,
  credentials,
  options,
  carried,
}: Channel): TaskServiceClient {
  return taskServiceClient(new GrpcTaskServiceClient(address, credentials, options), carried);
}

function taskServiceClient(client: GrpcTaskServiceClient, carried?: Metadata): TaskServiceClient {
  return {
    submitTask: unary<SubmitTaskRequest, SubmitTaskResponse>(client.submitTask.bind(client), carried),
    batchSubmitTasks: unary<BatchSubmitTasksRequest, BatchSubmitTasksResponse>(
      client.batchSubmitTasks.bind(client),
      carried,
    ),
    getTask: unary<GetTaskRequest, GetTaskResponse>(client.getTask.bind(client), carried),
    listTasks: unary<ListTasksRequest, ListTasksResponse>(client.listTasks.bind(client), carried),
    cancelTask: unary<CancelTaskRequest, CancelTaskResponse>(client.cancelTask.bind(client), carried),
    deleteTask: unary<DeleteTaskRequest, DeleteTaskResponse>(client.deleteTask.bind(client), carried),
    watchTask: serverStream<WatchTaskRequest, WatchTaskResponse>(client.watchTask.bind(client), carried),
    getQueueStats: unary<GetQueueStatsRequest, GetQueueStatsResponse>(
      client.getQueueStats.bind(client),
      carried,
    ),
    carrying: (metadata) => taskServiceClient(client, metadata),
    close: () => {
      client.close();
    },
  };
}

export function createContentServiceClient({
  address,
  credentials,
  options,
  carried,
}: Channel): ContentServiceClient {
  return contentServiceClient(new GrpcContentServiceClient(address, credentials, options), carried);
}

function contentServiceClient(client: GrpcContentServiceClient, carried?: Metadata): ContentServiceClient {
  return {
    uploadContent: upload(client.uploadContent.bind(client), carried),
    getUpload: unary<GetUploadRequest, GetUploadResponse>(client.getUpload.bind(client), carried),
    downloadContent: serverStream<DownloadContentRequest, DownloadContentResponse>(
      client.downloadContent.bind(client),
      carried,
    ),
    carrying: (metadata) => contentServiceClient(client, metadata),
    close: () => {
      client.close();
    },
  };
}

export function createValidatorIntegrationClient({
  address,
  credentials,
  options,
  carried,
}: Channel): ValidatorIntegrationClient {
  return validatorIntegrationClient(
    new GrpcValidatorIntegrationClient(address, credentials, options),
    carried,
  );
}

function validatorIntegrationClient(
  client: GrpcValidatorIntegrationClient,
  carried?: Metadata,
): ValidatorIntegrationClient {
  return {
    getIntegrationInfo: unary<GetIntegrationInfoRequest, GetIntegrationInfoResponse>(
      client.getIntegrationInfo.bind(client),
      carried,
    ),
    watchPendingTasks: serverStream<WatchPendingTasksRequest, WatchPendingTasksResponse>(
      client.watchPendingTasks.bind(client),
      carried,
    ),
    claimTasks: unary<ClaimTasksRequest, ClaimTasksResponse>(client.claimTasks.bind(client), carried),
    extendLeases: unary<ExtendLeasesRequest, ExtendLeasesResponse>(client.extendLeases.bind(client), carried),
    settleTasks: unary<SettleTasksRequest, SettleTasksResponse>(client.settleTasks.bind(client), carried),
    reportMiners: unary<ReportMinersRequest, ReportMinersResponse>(client.reportMiners.bind(client), carried),
    listMiners: unary<ListMinersRequest, ListMinersResponse>(client.listMiners.bind(client), carried),
    getMiner: unary<GetMinerRequest, GetMinerResponse>(client.getMiner.bind(client), carried),
    describeTask: unary<DescribeTaskRequest, DescribeTaskResponse>(client.describeTask.bind(client), carried),
    carrying: (metadata) => validatorIntegrationClient(client, metadata),
    close: () => {
      client.close();
    },
  };
}

export function createWebhookServiceClient({
  address,
  credentials,
  options,
  carried,
}: Channel): WebhookServiceClient {
  return webhookServiceClient(new GrpcWebhookServiceClient(address, credentials, options), carried);
}

function webhookServiceClient(client: GrpcWebhookServiceClient, carried?: Metadata): WebhookServiceClient {
  return {
    listWebhookDeliveries: unary<ListWebhookDeliveriesRequest, ListWebhookDeliveriesResponse>(
      client.listWebhookDeliveries.bind(client),
      carried,
    ),
    redeliverWebhook: unary<RedeliverWebhookRequest, RedeliverWebhookResponse>(
      client.redeliverWebhook.bind(client),
      carried,
    ),
    carrying: (metadata) => webhookServiceClient(client, metadata),
    close: () => {
      client.close();
    },
  };
}
