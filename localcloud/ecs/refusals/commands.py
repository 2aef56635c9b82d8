"""What is refused of commands that Cloud Assistant keeps."""

from localcloud.ecs.errors import Refusal

# --- what a command is -----------------------------------------------------------------------------------------------

TYPE = Refusal(404, "InvalidCmdType.NotFound", "The specified command type does not exist.", "CreateCommand")
WORKING_DIR = Refusal(
    400, "InvalidParameter.WorkingDir", "The specified parameter WorkingDir is not valid.", "CreateCommand"
)
LAUNCHER = Refusal(
    403,
    "InvalidLauncher.LengthLimitExceeded",
    "The length of the parameter Launcher exceeds the limit of 1 KB characters.",
    "CreateCommand",
)
TIMEOUT = Refusal(
    403, "InvalidTimeout.ExceedLimit", "The specified parameter Timeout exceeds the upper limit.", "CreateCommand"
)
PARAMETERS_TOO_MANY = Refusal(
    403, "CmdParamCount.ExceedLimit", "The maximum number of custom parameters is exceeded.", "CreateCommand"
)
PARAMETER_NAME_TOO_LONG = Refusal(
    403, "CmdParamName.ExceedLimit", "The maximum length of a parameter name is exceeded.", "CreateCommand"
)
#: "You can retain up to 500 to 50,000 Cloud Assistant commands in each region" (help page CreateCommand).
QUOTA = Refusal(
    403,
    "CmdCount.ExceedQuota",
    "The total number of commands in the current region exceeds the quota.",
    "CreateCommand",
)
#: Its last words are written together on the page.
CHANGED_DESCRIPTION = Refusal(
    403, "CmdDesc.ExceedLimit", "The length of the command description exceeds the upperlimit.", "ModifyCommand"
)
UNKNOWN = Refusal(404, "InvalidCmdId.NotFound", "The specified command ID does not exist.", "InvokeCommand")
IN_USE = Refusal(
    403, "InvalidStatus.CmdIdInUse", "The specified commandId is in use by some runing Invocation.", "DeleteCommand"
)

# --- InvokeCommand ---------------------------------------------------------------------------------------------------

INSTANCE_MISSING = Refusal(
    400, "MissingParam.InstanceId", "The parameter instanceId is missing or empty.", "InvokeCommand"
)
NOT_FOR_GUEST = Refusal(
    400, "InvalidInstance.NotMatch", "The specified instance type does not match the command.", "InvokeCommand"
)
REPEAT_MODE = Refusal(404, "InvalidRepeatMode.NotFound", "The specified repeat mode does not exist.", "InvokeCommand")
FREQUENCY_MISSING = Refusal(
    400,
    "MissingParam.Frequency",
    "The frequency must be specified when you create a timed task.",
    "InvokeCommand",
)
TERMINATION_MODE = Refusal(
    404,
    "InvalidTerminationMode.NotFound",
    "The specified parameter TerminationMode does not exist.",
    "InvokeCommand",
)
USERNAME = Refusal(403, "Username.ExceedLimit", "The length of the username exceeds the upper limit.", "InvokeCommand")
PARAMETERS = Refusal(
    400, "InvalidParameter.Parameters", "The specified parameter Parameters is not valid.", "InvokeCommand"
)
PARAMETERS_DISABLED = Refusal(
    400,
    "Parameter.Disabled",
    "Parameters cannot be passed in when the command customization function is disabled.",
    "InvokeCommand",
)
# UNVERIFIED: that it is said when none is passed in; one that others are passed in without is empty, as documented.
PARAMETERS_MISSING = Refusal(
    400, "Parameter.MissingValue", "The parameter value of this command is required.", "InvokeCommand"
)
PASSED_TOO_MANY = Refusal(
    403, "ParameterCount.ExceedLimit", "The maximum number of parameters is exceeded.", "InvokeCommand"
)
PASSED_NAME_TOO_LONG = Refusal(
    403, "ParameterKey.ExceedLimit", "The maximum length of a parameter name is exceeded.", "InvokeCommand"
)
PASSED_TWICE = Refusal(403, "ParameterKey.Duplicate", "Parameter names cannot be duplicated.", "InvokeCommand")
PASSED_UNKNOWN = Refusal(
    403,
    "Parameter.NotMatched",
    "The passed-in parameters do not match the parameters defined when you created the command.",
    "InvokeCommand",
)
# UNVERIFIED: of which types.
PASSED_TYPE = Refusal(
    403, "ParameterType.NotSupported", "The type of parameter value is not supported.", "InvokeCommand"
)
FILLED_IN_TOO_LONG = Refusal(
    403, "CmdContent.ExceedLimit", "The maximum length of a command is exceeded.", "InvokeCommand"
)

# --- DescribeCommands ------------------------------------------------------------------------------------------------

SOUGHT_TYPE = Refusal(
    404, "InvalidCommandType.NotFound", "The specified parameter Type does not exist.", "DescribeCommands"
)
SOUGHT_NAME = Refusal(
    403,
    "InvalidName.LengthLimitExceeded",
    "The length of the parameter Name exceeds the upper limit.",
    "DescribeCommands",
)
SOUGHT_DESCRIPTION = Refusal(
    403,
    "InvalidDescription.LengthLimitExceeded",
    "The length of the parameter Description exceeds the upper limit.",
    "DescribeCommands",
)
TAGS_TOO_MANY = Refusal(400, "NumberExceed.Tags", "The Tags parameter number is exceed.", "DescribeCommands")
TAG_KEY_MISSING = Refusal(400, "MissingParameter.TagKey", "You must specify Tag.N.Key.", "DescribeCommands")
PAGE = Refusal(400, "InvalidParam.PageNumber", "The specified parameter is invalid.", "DescribeCommands")
PAGE_SIZE = Refusal(400, "InvalidParam.PageSize", "The specified parameter is invalid.", "DescribeCommands")
MAX_RESULTS = Refusal(
    400, "InvalidParameter.MaxResults", "The specified parameter MaxResults is not valid.", "DescribeCommands"
)
NEXT_TOKEN = Refusal(
    400, "InvalidParameter.NextToken", "The specified parameter NextToken is not valid.", "DescribeCommands"
)
