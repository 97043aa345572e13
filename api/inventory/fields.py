"""The columns that a sheet of each kind may have, and how people name them. One registry, the surest names first.

A name stands as `columns.normal` leaves it: lower case, no blanks, signs or brackets.
"""

from api.inventory import cells
from api.inventory.columns import Field
from api.people.customers import plain_phone

_SKU = ("货号", "sku", "物料编码", "物料编号", "物料号", "商品编码", "商品编号", "商品货号", "产品编码", "产品编号", "产品货号",
        "存货编码", "货品编码", "货品编号", "零件号", "配件编码", "料号", "款号", "skucode", "itemcode", "itemno", "itemnumber",
        "partno", "partnumber", "productcode", "productid", "productno", "materialcode")  # fmt: skip
_ANY_CODE = ("编码", "编号", "代码", "code", "id")
_NAME = ("名称", "name")
_WAREHOUSE = (
    "仓库",
    "仓库编码",
    "仓库编号",
    "仓库代码",
    "所属仓库",
    "仓库名称",
    "warehouse",
    "warehousecode",
    "wh",
    "site",
)
_BIN = (
    "库位",
    "货位",
    "库位号",
    "货位号",
    "库位编码",
    "货位编码",
    "库位编号",
    "储位",
    "仓位",
    "bin",
    "bincode",
    "location",
    "shelf",
)
_PHONE = (
    "电话",
    "手机",
    "手机号",
    "手机号码",
    "联系电话",
    "电话号码",
    "联系方式",
    "phone",
    "mobile",
    "tel",
    "telephone",
    "phonenumber",
)

SKU = (
    Field("code", "货号", "SKU", cells.code, (*_SKU, *_ANY_CODE), is_code=True),
    Field("name", "名称", "name", cells.text, ("品名", "商品名称", "产品名称", "物料名称", "存货名称", "货品名称", "配件名称",
          "零件名称", "品名规格", "品名及规格", "名称规格", "商品名", "货名", "productname", "itemname", "skuname", "description", *_NAME)),
    Field("gtin", "条码", "barcode", cells.digits, ("条码", "条形码", "商品条码", "国际条码", "69码", "gtin", "ean", "ean13", "upc", "barcode"), is_code=True),
    Field("uom", "单位", "unit", cells.text, ("单位", "计量单位", "基本单位", "主单位", "uom", "unit")),
    Field("weight_g", "重量（克）", "weight (g)", cells.weight("g"), ("重量g", "重量克", "单重g", "单重克", "单件重量g", "净重g", "毛重g", "克重", "weightg", "grams"), "weight_g"),
    Field("weight_kg", "重量（千克）", "weight (kg)", cells.weight("kg"), ("重量kg", "重量千克", "重量公斤", "单重kg", "单件重量kg", "净重kg", "毛重kg", "重量", "单重", "净重", "毛重", "单件重量", "weightkg", "weight"), "weight_g"),
    Field("price_yuan", "单价（元）", "price (yuan)", cells.yuan, ("单价元", "售价元", "价格元", "销售单价", "销售价", "单价", "售价", "价格", "含税单价", "零售价", "批发价", "priceyuan", "pricecny", "pricermb", "unitprice", "price"), "price_fen"),
    Field("price_fen", "单价（分）", "price (fen)", cells.whole, ("单价分", "售价分", "价格分", "pricefen"), "price_fen"),
    Field("lots", "批次管理", "kept by lots", cells.yes_no, ("批次管理", "按批次", "批次管理否", "是否批次", "是否批次管理", "lots", "keptbylots", "lottracked")),
)  # fmt: skip
BIN = (
    Field("code", "库位", "bin", cells.code, (*_BIN, *_ANY_CODE)),
    Field("warehouse", "仓库", "warehouse", cells.text, _WAREHOUSE),
    Field("sku", "货号", "SKU", cells.code, _SKU, is_code=True),
)
STOCK = (
    Field("warehouse", "仓库", "warehouse", cells.text, _WAREHOUSE),
    Field("bin", "库位", "bin", cells.code, _BIN),
    Field("sku", "货号", "SKU", cells.code, (*_SKU, *_ANY_CODE), is_code=True),
    Field("qty", "数量", "quantity", cells.pieces, ("期初数量", "库存数量", "现有库存", "在库数量", "结存数量", "盘点数量", "实盘数量", "数量",
          "库存", "件数", "结存", "期初", "openingstock", "onhand", "quantity", "qty", "stock", "count", "pieces")),
    Field("lot", "批号", "lot", cells.code, ("批号", "批次", "批次号", "生产批号", "lot", "lotno", "batch", "batchno"), is_code=True),
    Field("expires", "有效期至", "last day", cells.day, ("有效期至", "有效期", "到期日", "失效日期", "保质期至", "expires", "lastday", "expirydate", "bestbefore")),
)  # fmt: skip
WAREHOUSE = (
    Field("code", "编码", "code", cells.code, ("仓库编码", "仓库编号", "仓库代码", "warehousecode", *_ANY_CODE, "仓库", "warehouse")),
    Field("name", "名称", "name", cells.text, ("仓库名称", "仓库名", "warehousename", *_NAME)),
    Field("adcode", "区划代码或地址", "district code or address", cells.district,
          ("区划代码", "行政区划代码", "行政区划", "区划", "adcode", "districtcode", "所在地区", "地区", "仓库地址", "地址", "address", "district")),
    Field("lng", "经度", "longitude", cells.degrees, ("经度", "lng", "lon", "longitude")),
    Field("lat", "纬度", "latitude", cells.degrees, ("纬度", "lat", "latitude")),
    Field("cutoff", "截单时间", "cut-off", cells.clock_time, ("截单时间", "截止时间", "截单", "当日截单", "cutoff", "cutofftime")),
)  # fmt: skip
CUSTOMER = (
    Field("id", "客户编号", "customer id", cells.code, ("客户编号", "客户编码", "客户代码", "客户id", "会员编号", "customerid", "customercode", "customerno", *_ANY_CODE)),
    Field("name", "客户", "customer", cells.text, ("客户名称", "客户", "客户全称", "单位名称", "公司名称", "门店名称", "店名", "客户简称", "customername", "customer", "company", *_NAME)),
    Field("phone", "电话", "phone", plain_phone, _PHONE, is_code=True),
    Field("tier", "等级", "tier", cells.tier, ("客户等级", "等级", "客户级别", "级别", "客户类型", "tier", "level")),
    Field("terms", "结算方式", "terms", cells.terms, ("结算方式", "付款方式", "结算", "付款条件", "收款方式", "账期", "月结", "terms", "paymentterms")),
    Field("credit_yuan", "额度（元）", "credit (yuan)", cells.yuan, ("额度元", "信用额度元", "月结额度元", "授信额度元", "信用额度", "月结额度", "授信额度", "额度", "credit", "creditlimit", "credityuan", "creditlimityuan"), "credit_fen"),
    Field("credit_fen", "额度（分）", "credit (fen)", cells.whole, ("额度分", "信用额度分", "creditfen"), "credit_fen"),
    Field("salesperson", "业务员", "salesperson", cells.text, ("业务员", "销售员", "销售", "跟单员", "客户经理", "所属业务员", "负责人", "salesperson", "salesman", "sales", "owner")),
    Field("address", "地址", "address", cells.text, ("收货地址", "送货地址", "客户地址", "详细地址", "联系地址", "地址", "shippingaddress", "deliveryaddress", "address", "addresses")),
)  # fmt: skip
USER = (
    Field("name", "用户名", "user name", cells.code, ("用户名", "登录名", "账号", "帐号", "工号", "员工编号", "username", "user", "login", "account", "name")),
    Field("display", "姓名", "full name", cells.text, ("姓名", "员工姓名", "显示名", "真实姓名", "名字", "fullname", "displayname", "display")),
    Field("role", "角色", "role", cells.role, ("角色", "岗位", "职位", "职务", "role", "position", "job")),
    Field("phone", "电话", "phone", plain_phone, _PHONE, is_code=True),
    Field("warehouse", "仓库", "warehouse", cells.text, _WAREHOUSE),
)  # fmt: skip
